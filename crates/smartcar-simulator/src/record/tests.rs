use super::*;

fn request(path: String) -> Record {
    Record {
        method: Method::GET,
        path,
        batch_paths: Arc::default(),
        authorized: true,
        vehicle: None,
        unit_system: None,
        status: None,
    }
}

#[test]
fn an_answer_finds_its_request_unless_it_is_forgotten() {
    let mut records = Records::default();
    let early = records.push(request("/early".to_owned()));
    for number in 0..MAX_RECORDED_REQUESTS {
        records.push(request(format!("/{number}")));
    }
    let late = records.push(request("/late".to_owned()));
    records.answered(early, Some(500));
    records.answered(late, Some(200));
    let answered: Vec<_> = records.all();
    let answered = answered.iter().filter(|request| request.status.is_some());
    let paths: Vec<&str> = answered.map(|request| request.path.as_str()).collect();
    assert_eq!(paths, ["/late"]);
}

#[test]
fn the_newest_are_kept() {
    let mut records = Records::default();
    for number in 0..MAX_RECORDED_REQUESTS + 5 {
        records.push(request(format!("/{number}")));
    }
    let all = records.all();
    assert_eq!(all.len(), MAX_RECORDED_REQUESTS);
    assert_eq!(all[0].path, "/5");
    assert_eq!(all.last().unwrap().path, "/1004");
    assert_eq!(records.count(), MAX_RECORDED_REQUESTS + 5);
    assert_eq!(records.clear(), MAX_RECORDED_REQUESTS);
    records.push(request("/after".to_owned()));
    assert_eq!(records.count(), MAX_RECORDED_REQUESTS + 6);
}

#[test]
fn long_requests_push_out_older_ones() {
    let mut records = Records::default();
    let long = "x".repeat(MAX_RECORDED_BYTES / 4);
    for _ in 0..10 {
        records.push(request(long.clone()));
    }
    assert_eq!(records.all().len(), 3);
    let sum: usize = records.kept.iter().map(Record::cost).sum();
    assert_eq!(records.bytes, sum);

    records.push(request("x".repeat(MAX_RECORDED_BYTES)));
    assert_eq!(records.all().len(), 1, "the newest is kept, however long");
}
