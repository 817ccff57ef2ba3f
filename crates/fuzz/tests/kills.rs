//! A run that is killed loses nothing that was found, and is taken up.

use std::path::Path;

use heaplab_fuzz::kills::kill;

#[test]
fn a_killed_run_is_taken_up_and_no_report_is_lost() {
    let program = Path::new(env!("CARGO_BIN_EXE_heaplab-fuzz"));
    let survived = kill(program, 4, 1).unwrap_or_else(|what| panic!("{what}"));
    assert!(survived.kills >= 4, "{survived:?}");
}
