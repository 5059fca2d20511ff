//! What is stored where.

use smartcar_batch::{UserId, VehicleId};
use smartcar_nats::{Enqueued, Finished};
use smartcar_simulator::Fault;

use crate::harness::{Bench, Stored, jetstream, stored, vehicle};

#[tokio::test]
async fn each_vehicle_has_one_outcome_under_its_own_subject() {
    let bench = Bench::new().await;
    let dotted = VehicleId::new("a.b").unwrap();
    let user = UserId::new("user-7").unwrap();
    let queue = &bench.queue;
    let added = queue.enqueue(&(dotted.clone(), user).into()).await;
    assert_eq!(added.unwrap(), Enqueued::Added);
    bench.enqueue(20).await;
    // A vehicle that waits is not put in twice.
    assert_eq!(queue.enqueue(&vehicle(3)).await.unwrap(), Enqueued::Present);
    let depth = queue.depth().await.unwrap();
    assert_eq!((depth.ready, depth.under_way, depth.waiting), (21, 0, 0));
    let jobs = stored(&bench.nats.url(), "SMARTCAR_VEHICLES").await;
    assert_eq!(jobs[0].subject, "smartcar.vehicles.a%2Eb");
    let job = serde_json::json!({"vehicle": "a.b", "user": "user-7"});
    assert_eq!(jobs[0].object, job);

    let finished = bench.work(8).await;
    assert_eq!(finished.len(), 21);
    for one in finished {
        assert!(matches!(
            one,
            Finished::Stored {
                is_duplicate: false,
                next: None,
                ..
            }
        ));
    }
    let outcomes = bench.outcomes().await;
    assert_eq!(outcomes.len(), 21);
    for Stored {
        subject,
        message_id,
        object,
    } in &outcomes
    {
        let vehicle = object["vehicle"].as_str().unwrap();
        let token = vehicle.replace('.', "%2E");
        assert_eq!(*subject, format!("smartcar.outcomes.{token}"));
        let id = message_id.as_deref().unwrap();
        let sequence = id.strip_prefix("SMARTCAR_VEHICLES-").unwrap();
        assert!((1..=21).contains(&sequence.parse::<u64>().unwrap()));
        let item = &object["items"][0];
        assert_eq!(
            (&item["path"], &item["ok"]),
            (&"/odometer".into(), &true.into())
        );
        assert!(item["body"]["distance"].is_number(), "{object}");
        assert_eq!(object["charged"], 1);
    }
    assert!(bench.asked().values().all(|&times| times == 1));
    // One that is done can be put in again.
    assert_eq!(queue.enqueue(&vehicle(3)).await.unwrap(), Enqueued::Added);
}

#[tokio::test]
async fn failed_items_are_an_outcome_and_nothing_is_scheduled() {
    let bench = Bench::new().await;
    let asleep = Fault::item_error("/odometer", "VEHICLE_STATE", Some("ASLEEP"));
    bench.simulator.fault(asleep).unwrap();
    bench.enqueue(1).await;
    let finished = bench.work(1).await;
    assert!(matches!(
        finished[..],
        [Finished::Stored { next: None, .. }]
    ));
    let outcomes = bench.outcomes().await;
    assert_eq!(outcomes[0].object["items"][0]["error"]["code"], "ASLEEP");
    assert_eq!(bench.queue.depth().await.unwrap().waiting, 0);
}

#[tokio::test]
async fn what_cannot_succeed_is_a_dead_letter_with_its_job() {
    let bench = Bench::new().await;
    let gone = Fault::error("PERMISSION", None).on_vehicle("vehicle-1");
    bench.simulator.fault(gone).unwrap();
    bench.enqueue(3).await;
    let raw = jetstream(&bench.nats.url()).await;
    for (subject, payload) in [
        ("smartcar.vehicles.odd", "not json"),
        ("smartcar.vehicles.x.y", r#"{"vehicle": "a b", "note": 1}"#),
        // The payload decides, and other members are ignored.
        (
            "smartcar.vehicles.other",
            r#"{"vehicle": "vehicle-9", "tenant": "t"}"#,
        ),
    ] {
        raw.publish(subject, payload.into())
            .await
            .unwrap()
            .await
            .unwrap();
    }
    let finished = bench.work(4).await;
    let is_dead = |one: &&Finished| matches!(one, Finished::Dead { .. });
    assert_eq!(finished.iter().filter(is_dead).count(), 1);
    let outcomes = bench.outcomes().await;
    let mut answered: Vec<_> = outcomes.iter().map(|one| one.subject.as_str()).collect();
    answered.sort_unstable();
    let expected = ["vehicle-0", "vehicle-2", "vehicle-9"];
    assert_eq!(
        answered,
        expected.map(|id| format!("smartcar.outcomes.{id}"))
    );

    let dead = bench.dead().await;
    assert_eq!(dead.len(), 3);
    let of = |subject: &str| {
        let found = dead.iter().find(|one| one.subject == subject);
        &found
            .unwrap_or_else(|| panic!("{subject}: {dead:?}"))
            .object
    };
    let refused = of("smartcar.dead.vehicle-1");
    assert_eq!(refused["vehicle"], "vehicle-1");
    assert_eq!(refused["error"]["type"], "PERMISSION");
    assert_eq!(refused["reason"], "the same request would fail again");
    assert_eq!(refused["deliveries"], 1);
    assert_eq!(refused["job"]["vehicle"], "vehicle-1");
    let odd = of("smartcar.dead.odd");
    assert_eq!(
        (&odd["vehicle"], &odd["job"]),
        (&().into(), &"not json".into())
    );
    assert_eq!(odd["error"]["kind"], "invalid_request");
    let invalid = of("smartcar.dead.x.y");
    assert_eq!(invalid["job"]["note"], 1);
    assert!(
        invalid["reason"]
            .as_str()
            .unwrap()
            .starts_with("the job is not valid: ")
    );
}

#[tokio::test]
async fn an_event_is_stored_once_by_its_id() {
    let bench = Bench::new().await;
    let (queue, id) = (&bench.queue, VehicleId::new("vehicle-1").unwrap());
    let event = Some("event-e1");
    for (vehicle, message_id, duplicate) in [
        (Some(&id), event, false),
        (Some(&id), event, true),
        (None, None, false),
        (None, None, false),
    ] {
        let stored = queue
            .store(vehicle, message_id, r#"{"event_id": "e1"}"#)
            .await;
        assert_eq!(stored.unwrap(), duplicate);
    }
    let outcomes = bench.outcomes().await;
    let subjects: Vec<_> = outcomes.iter().map(|one| one.subject.as_str()).collect();
    let none = "smartcar.outcomes._";
    assert_eq!(subjects, ["smartcar.outcomes.vehicle-1", none, none]);
    assert_eq!(outcomes[0].message_id.as_deref(), event);
}
