//! The one integration binary: one module a surface or promise.

#[cfg(test)]
mod api;
#[cfg(test)]
mod calibration;
mod cases;
mod cli;
mod contract;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod drafting;
#[cfg(test)]
mod eval;
#[cfg(test)]
mod gate;
#[cfg(test)]
mod injection;
#[cfg(test)]
mod races;
#[cfg(test)]
mod real;
#[cfg(test)]
mod release;
#[cfg(test)]
mod slack;
#[cfg(test)]
mod sources;
#[cfg(test)]
mod support;
mod tidy;

#[test]
fn the_demo_loads() {
    tierone::app::rules::load(
        &tierone::config::Config::default(),
        tierone::domain::facts::StoreKind::Demo,
    )
    .unwrap();
}
