use std::sync::Arc;

use heaplab_core::Registry;
use heaplab_trace::{Operation, Trace, TraceInfo};

use super::*;
use crate::floor::{Bump, Null};
use crate::{Plan, TraceInput};

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// The floors of one trace in ten heaps, without the unlimited one, and what each is said to cost.
fn left_over(costs: [Duration; 10], cell_timeout: Option<Duration>, as_floors: bool) -> Vec<usize> {
    let operations = vec![Operation::Allocate { slot: 0, size: 1, align: 1 }];
    let source = Arc::new(Trace::from_operations(TraceInfo::named("t"), operations).unwrap());
    let mut plan = Plan::new(vec![TraceInput { name: "t".into(), source, question: None }]);
    plan.timed_heaps = (1..=5).map(|heap| format!("{heap}x").parse().unwrap()).collect();
    plan.heaps = plan.timed_heaps.clone();
    let registry = Registry::new().with::<Null>("one").with::<Bump>("other");
    plan.floors = false;
    let keeper = super::super::keep::Keeper::new(&());
    let mut run = Run::prepare(&registry, &plan, &(), &keeper).unwrap();
    if !as_floors {
        run.contestants.iter_mut().for_each(|it| it.capabilities.kind = Kind::Peer);
    }
    let turn = |cell| Turn { cell, timing: 0, is_control: false };
    let mut timed: Vec<Turn> =
        (0..run.cells.len()).filter(|&index| run.cells[index].is_timed()).map(turn).collect();
    let places = timed.clone();
    let place = |turn: Turn| places.iter().position(|&other| other == turn).unwrap();
    let end = Instant::now() + seconds(1_000);
    let budget = Budget::new(end, end, cell_timeout);
    run.drop_slow(&mut timed, 10, budget, &|_, turn| costs[place(turn)]);
    timed.into_iter().map(place).collect()
}

#[test]
fn the_slowest_cells_are_let_go_until_the_rest_fits() {
    // Ten rounds of 100 s each hold all of these, however unequal they are.
    let mut costs = [seconds(1); 10];
    costs[3] = seconds(80);
    assert_eq!(left_over(costs, None, false).len(), 10);
    costs[5] = seconds(50);
    assert_eq!(left_over(costs, None, false), [0, 1, 2, 4, 5, 6, 7, 8, 9]);
    // A cell that takes less than an equal part stays, whatever the others do.
    costs = [seconds(1_000); 10];
    costs[7] = seconds(9);
    assert_eq!(left_over(costs, None, false), [7]);
}

#[test]
fn floors_are_never_let_go_and_cells_beyond_the_timeout_always() {
    assert_eq!(left_over([seconds(1_000); 10], None, true).len(), 10);
    let mut costs = [seconds(1); 10];
    costs[0] = seconds(3);
    assert_eq!(left_over(costs, Some(seconds(2)), false).len(), 9);
}
