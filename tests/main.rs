//! The one integration binary: one module a surface or promise.

#[cfg(test)]
mod api;
mod cases;
mod cli;
mod contract;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod gate;
#[cfg(test)]
mod races;
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
