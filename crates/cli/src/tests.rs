//! What needs no process of its own.

use heaplab_core::Registry;
use heaplab_harness::floor::Null;

use super::*;

#[test]
fn a_registry_with_one_name_twice_is_refused() {
    let registry =
        Registry::new().with::<Null>("first").with::<Null>("second").with::<Null>("first");
    let failure = check_registry(&registry).unwrap_err();
    assert_eq!(failure.exit(), Exit::Usage);
    assert!(failure.text().starts_with("the registry holds two strategies named 'first'"));
}

#[test]
fn the_names_of_the_floors_are_taken() {
    let failure = check_registry(&Registry::new().with::<Null>("bump")).unwrap_err();
    assert!(failure.text().starts_with("the registry holds two strategies named 'bump'"));
}

#[test]
fn our_registry_is_accepted() {
    assert!(check_registry(&heaplab_strategies::registry()).is_ok());
}

#[test]
fn the_arguments_are_consistent() {
    args::command().debug_assert();
}
