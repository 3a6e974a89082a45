//! The suites of this build, each made by code from small tables and from the files of its folder.

pub mod faults;
pub mod fidelity;
pub mod files;
pub mod hijacked_model;
pub mod injection;
pub mod judgment_needed;
pub mod leaks;
pub mod look_alike;
pub mod mutation;
pub mod near_misses;
pub mod physical;
pub mod poisoned_precedents;
pub mod requests;
pub mod routine;

use std::{collections::BTreeSet, sync::Arc};

use super::{
    bars,
    dataset::DatasetError,
    injection::carried::Unspliced,
    material::Material,
    mutation::Untried,
    setting::Setting,
    site::{self, NoSite, Standing},
    suite::{Stratum, Suite},
};

/// Why there are no suites to run.
#[derive(Debug, thiserror::Error)]
pub enum SuiteError {
    /// The site of made cases cannot be made.
    #[error(transparent)]
    Site(#[from] NoSite),
    /// A file of cases is wrong.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// The parts of the gate cannot be left out in turn.
    #[error(transparent)]
    Untried(#[from] Untried),
    /// The carriers of injections are wrong.
    #[error(transparent)]
    Spliced(#[from] Unspliced),
    /// No suite has this name.
    #[error("there is no suite `{name}`; there are {known}")]
    Unknown {
        /// The name.
        name: String,
        /// The names that there are.
        known: String,
    },
}

/// Every suite of this build, in the order in which they run, then those that the candidate adds.
pub fn all(material: &Arc<Material>) -> Result<Vec<Suite>, SuiteError> {
    let mut suites = vec![
        hijacked_model::suite(material)?,
        mutation::suite(material)?,
        poisoned_precedents::suite(material)?,
        near_misses::suite(material)?,
        routine::suite(material)?,
        judgment_needed::suite(material)?,
        requests::suite(material)?,
        look_alike::suite(material)?,
        physical::suite(material)?,
        faults::suite(material)?,
        leaks::suite(material)?,
        fidelity::suite(material)?,
        injection::suite(material)?,
    ];
    suites.extend(added(material)?);
    Ok(suites)
}

/// The suites that the candidate adds: folders of case files, held to the bars of zero tolerance.
fn added(material: &Arc<Material>) -> Result<Vec<Suite>, SuiteError> {
    let folders = material
        .own_files
        .keys()
        .filter_map(|path| path.split_once('/'));
    let folders: BTreeSet<&str> = folders.map(|(folder, _)| folder).collect();
    let own = folders
        .into_iter()
        .filter(|folder| !bars::suites().any(|name| name == *folder));
    own.map(|folder| {
        Ok(Suite {
            name: folder.into(),
            compiled_in: false,
            data: material.digest(folder),
            bars: bars::OF_A_SITE.to_vec(),
            sampled: usize::MAX,
            strata: files::strata(material, folder)?,
        })
    })
    .collect()
}

/// The suite of this build with these strata.
fn shipped(material: &Material, name: &str, sampled: usize, strata: Vec<Stratum>) -> Suite {
    Suite {
        name: name.into(),
        compiled_in: true,
        data: material.digest(name),
        bars: bars::of(name).to_vec(),
        sampled,
        strata,
    }
}

/// The setting of each action of the candidate's catalogue on a value of each standing; on one only, where it touches nothing.
fn settings(material: &Material, standings: &[Standing]) -> Result<Vec<Setting>, NoSite> {
    let now = material.demo.now;
    let rules = Arc::new(site::rules(&material.candidate, now)?);
    let mut settings = Vec::new();
    for action in &rules.catalogue.actions {
        for standing in standings {
            let setting = Setting {
                rules: Arc::clone(&rules),
                action: action.clone(),
                standing: *standing,
                now,
            };
            if *standing == Standing::Plain || !setting.kinds().is_empty() {
                settings.push(setting);
            }
        }
    }
    Ok(settings)
}
