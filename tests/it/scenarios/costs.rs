//! What a key costs does not grow with what there is: counts of work, never times.

use crate::screens::ten_jobs;
use crate::support::driver::Driver;

/// So often was worked out what follows from all jobs, which rows the tree has, and what the words
/// of the loaded nodes are.
fn work(driver: &Driver) -> [u64; 4] {
    let model = driver.model();
    let rows = driver.workbench.ui.panes.tree.rows.changes();
    [model.jobs.changes(), rows, model.nodes.changes(), model.catalogue.changes()]
}

#[test]
fn no_key_goes_through_all_jobs_rows_or_nodes_again() {
    let mut driver = ten_jobs(120, 40);
    let places = [("<Esc>gt", "jkjk"), ("<Esc>gq", "jkjkv"), ("<Esc>gl", "jk"), ("<Esc>gp", "hat")];
    for (place, keys) in places {
        driver.press(place);
        let before = work(&driver);
        driver.press(keys);
        assert_eq!(work(&driver), before, "{place}{keys}");
    }
}

#[test]
fn a_change_of_one_job_is_seen_in_what_follows_from_all() {
    let mut driver = ten_jobs(120, 40);
    let before = driver.model().jobs.counts().clone();
    assert!(before.under_way > 0 && !driver.model().jobs.waiting().is_empty());
    assert_eq!(driver.model().jobs.listed().len(), driver.model().jobs.len());
    driver.answer_all();
    let jobs = &driver.model().jobs;
    let after = jobs.counts();
    assert_eq!((after.under_way, jobs.waiting().len(), after.open), (0, 0, 0));
    let newest = jobs.keys().next_back().copied();
    assert_eq!(after.last_done.map(|(_, job)| job), newest);
}
