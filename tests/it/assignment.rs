//! The assignment against an independent solver: `scipy.optimize.linear_sum_assignment`, on large random tasks in each run.

use makker::base::assignment::Task;

use crate::support::python_with;

#[test]
fn agrees_with_scipy() {
    let Some(mut python) = python_with("scipy") else { return };
    let said = python.args(["-c", include_str!("assignment_oracle.py")]).output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    let mut numbers = said.stdout.chunks_exact(8).map(|bytes| i64::from_le_bytes(bytes.try_into().unwrap()));
    let mut tasks = 0;
    while let Some(rows) = numbers.next() {
        let mut next = || numbers.next().unwrap();
        let columns = usize::try_from(next()).unwrap();
        let (matched, total) = (usize::try_from(next()).unwrap(), next());
        let capacities: Vec<u32> = (0..columns).map(|_| u32::try_from(next()).unwrap()).collect();
        let mut task = Task::new(&capacities).unwrap();
        for _ in 0..rows {
            let scores: Vec<i64> = (0..columns).map(|_| next()).collect();
            task.row(scores.into_iter().enumerate().filter(|(_, score)| *score != i64::MIN), None).unwrap();
        }
        let task = task.most_first();
        let best = task.solve().unwrap();
        best.proof.check(&task, &best).unwrap();
        assert_eq!((best.columns.iter().flatten().count(), best.total), (matched, total), "task {tasks}, {rows} rows, {columns} columns");
        tasks += 1;
    }
    assert_eq!(tasks, 4 + 18 + 3);
}
