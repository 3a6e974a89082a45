//! The one integration binary: one module a surface or promise.

#[cfg(test)]
mod gate;
#[cfg(test)]
mod support;

#[test]
fn the_demo_loads() {
    tierone::app::rules::load(
        &tierone::config::Config::default(),
        tierone::domain::facts::StoreKind::Demo,
    )
    .unwrap();
}
