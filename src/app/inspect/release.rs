//! What attests the release: whose signature is believed, what is signed, and that no private key is here.

use super::Inspection;
use crate::{
    app::{
        release::{Running, private_key},
        rules, wall_clock,
    },
    config::Config,
    domain::facts::StoreKind,
    pipeline::gate::attested::Attested,
};

impl Inspection {
    pub(super) fn release(&mut self, config: &Config, kind: StoreKind) {
        self.problems.extend(private_key::found(config));
        let release = &config.release;
        let names: Vec<String> = release
            .public_keys
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        let value = (!names.is_empty()).then(|| names.join(", "));
        let effect = match (kind, names.len()) {
            (StoreKind::Live, 0) => "nobody's signature is believed: everything asks".to_owned(),
            (StoreKind::Live, number) => format!("{number} signers are believed"),
            (StoreKind::Demo | StoreKind::Simulated, _) => {
                "the demo's own key is believed, and no other".into()
            }
        };
        self.part("release.public_keys", value, effect);
        let value = release
            .attestation
            .as_ref()
            .map(|path| path.display().to_string());
        let effect = match (&value, self.attested(config, kind)) {
            (None, _) => "nothing attests the release: everything asks".to_owned(),
            (Some(_), None) => "it cannot be judged: everything asks".into(),
            (Some(_), Some(Attested::Until(at))) => format!("the release is attested until {at}"),
            (Some(_), Some(invalid)) => format!("everything asks: {invalid}"),
        };
        self.part("release.attestation", value, effect);
    }

    /// Whether the release is attested; `None` where a part of it cannot be loaded, which is said elsewhere, or a public key cannot.
    fn attested(&mut self, config: &Config, kind: StoreKind) -> Option<Attested> {
        let texts = rules::Texts::read(config).ok()?;
        let (rules, watch) = rules::load_watched(config, kind, &texts).ok()?;
        match Running::open(config, kind, &rules, watch) {
            Ok(running) => Some(running.attested(wall_clock())),
            Err(cause) => {
                self.problems.push(cause);
                None
            }
        }
    }
}
