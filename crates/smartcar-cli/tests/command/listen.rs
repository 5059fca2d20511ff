//! `smartcar listen` and `smartcar webhook verify`.

use std::fs::File;
use std::io::{Read, Write};
use std::process::Stdio;

use serde_json::Value;
use smartcar_webhook::{ManagementToken, sign};

use crate::harness::{Folder, Run, SECRET, command, poll, run};
use crate::listener::{Listener, lines, signature, state};

const ODOMETER: &str = r#"[{"code":"odometer-traveleddistance","body":{"value":18250.6,"unit":"km"},
"meta":{"oemUpdatedAt":1773479551000}},
{"code":"location-preciselocation","status":{"value":"ERROR","error":{"type":"PERMISSION","code":null}}},
{"code":"closure-islocked","status":{"value":"ERROR"}}, 7]"#;

#[test]
#[cfg(unix)]
fn each_event_is_one_line_and_its_repeat_is_none() {
    use rustix::process::Signal;
    let listener = Listener::start(&[]);
    let body = state("\"e1\"", ODOMETER);
    assert_eq!(listener.signed(&body), 200);
    assert_eq!(listener.signed(&body), 200);
    let error = r#"{"eventId":"e2","eventType":"VEHICLE_ERROR","data":{"errors":[{"type":"A"}]},"meta":{"mode":"TEST"}}"#;
    assert_eq!(listener.signed(error), 200);
    let other = r#"{"eventId":"e3","eventType":"NEW","data":{}}"#;
    assert_eq!(listener.signed(other), 200);
    // Without an ID nothing is a duplicate.
    let nameless = state("null", "[]");
    assert_eq!(listener.signed(&nameless), 200);
    assert_eq!(listener.signed(&nameless), 200);
    listener.signal(Signal::TERM);
    let (code, lines, stderr) = listener.end();
    assert_eq!(code, Some(0));
    assert_eq!(
        stderr.lines().last(),
        Some("5 taken, 1 repeated, 0 refused")
    );
    assert_eq!(lines.len(), 5, "{lines:?}");
    let first = &lines[0];
    for (member, value) in [
        ("vehicle", "\"v1\""),
        ("request_id", "null"),
        ("attempts", "0"),
        ("requests", "0"),
        ("charged", "0"),
        ("event_type", "\"VEHICLE_STATE\""),
        ("event_id", "\"e1\""),
        ("delivery_id", "\"d1\""),
        ("mode", "\"LIVE\""),
        ("sequence", "41"),
        ("user", r#"{"externalId":"x1","id":"u1"}"#),
        ("triggers", r#"[{"signal":"a-b","type":"SIGNAL_UPDATED"}]"#),
    ] {
        assert_eq!(first[member].to_string(), value, "{member}");
    }
    let items = first["items"].as_array().unwrap();
    let kinds = items.iter();
    let kinds: Vec<_> = kinds
        .map(|item| {
            (
                item["path"].as_str().unwrap(),
                item["error"]["kind"].as_str(),
            )
        })
        .collect();
    assert_eq!(
        kinds,
        [
            ("/signals/closure-islocked", Some("missing")),
            ("/signals/location-preciselocation", Some("api")),
            ("/signals/odometer-traveleddistance", None),
        ]
    );
    assert_eq!(items[1]["error"]["status"], 403);
    assert_eq!(items[2]["meta"]["data_age"], "2026-03-14T09:12:31Z");
    let unread = &first["member_errors"][0];
    assert_eq!(
        (&unread["path"], &unread["member"]),
        (&Value::Null, &"/data/signals/3".into())
    );
    assert_eq!(lines[1]["errors"].to_string(), r#"[{"type":"A"}]"#);
    assert_eq!(
        (&lines[1]["mode"], &lines[1]["items"]),
        (&"TEST".into(), &Value::Null)
    );
    assert_eq!(lines[2]["raw"]["eventType"], "NEW");
    assert_eq!(lines[2]["event_type"], "NEW");
}

#[test]
#[cfg(unix)]
fn paths_are_read_as_a_batch_has_them() {
    let listener = Listener::start(&["/odometer", "/fuel", "/signals/new-one"]);
    assert_eq!(listener.signed(&state("\"e1\"", ODOMETER)), 200);
    listener.signal(rustix::process::Signal::INT);
    let (code, lines, _) = listener.end();
    assert_eq!(code, Some(130));
    let items = lines[0]["items"].as_array().unwrap();
    assert_eq!(items[0]["body"]["distance"], 18250.6);
    assert_eq!(items[1]["error"]["kind"], "missing");
    assert_eq!(items[2]["path"], "/signals/new-one");
    assert_eq!(items[2]["error"]["kind"], "missing");
}

#[test]
#[cfg(unix)]
fn only_a_requested_signal_gets_a_hint_on_its_name() {
    let signals = r#"[{"code":"odometer-traveled","status":{"value":"UNAVAILABLE"}},
{"code":"odometer-travelled","status":{"value":"ERROR","error":{"type":"PERMISSION","code":null}}},
{"code":"zzz"}]"#;
    let texts = |paths: &[&str]| -> Vec<String> {
        let listener = Listener::start(paths);
        assert_eq!(listener.signed(&state("\"e1\"", signals)), 200);
        listener.signal(rustix::process::Signal::TERM);
        let (_, lines, _) = listener.end();
        let items = lines[0]["items"].as_array().unwrap();
        items.iter().map(|item| item["error"].to_string()).collect()
    };
    let delivered = texts(&[]);
    assert_eq!(delivered.len(), 3);
    // Each search takes long, and a delivery can have tens of thousands of signals.
    for text in delivered {
        assert!(!text.contains("did you mean"), "{text}");
        assert!(!text.contains("is not a known"), "{text}");
    }
    let requested = texts(&["/signals/odometer-travel"]);
    let hint = "did you mean /signals/odometer-traveleddistance?";
    assert!(requested[0].contains(hint), "{requested:?}");
}

#[test]
#[cfg(unix)]
fn the_queue_of_the_environment_is_used_unless_there_is_an_output() {
    let variables = [
        ("SMARTCAR_MANAGEMENT_TOKEN", SECRET),
        ("SMARTCAR_NATS_URL", "nats://127.0.0.1:1"),
    ];
    let run = run(&["listen", "--addr", "127.0.0.1:0"], &variables);
    assert_eq!(run.code, Some(4), "{run:?}");
    assert!(run.stderr.contains("nats://127.0.0.1:1"), "{run:?}");
    let folder = Folder::new();
    let file = folder.path("out.ndjson");
    let listener = Listener::with(&variables, &["--output", &file]);
    assert_eq!(listener.signed(&state("\"e1\"", "[]")), 200);
    assert_eq!(lines(&folder.read("out.ndjson"))[0]["event_id"], "e1");
    // An empty variable is none.
    let empty = [variables[0], ("SMARTCAR_NATS_URL", "")];
    let listener = Listener::with(&empty, &[]);
    listener.signal(rustix::process::Signal::TERM);
    assert_eq!(listener.end().0, Some(0));
}

#[test]
#[cfg(unix)]
fn wrong_signatures_give_one_line_that_says_what_to_check() {
    let listener = Listener::start(&[]);
    let secret = r#"[{"code":"vehicleidentification-vin","body":{"value":"KNAC381AZP5000042"}}]"#;
    let body = state("\"e1\"", secret);
    for _ in 0..20 {
        assert_eq!(listener.post(&signature("another", &body), &body).0, 401);
    }
    listener.signal(rustix::process::Signal::TERM);
    let (_, lines, stderr) = listener.end();
    assert!(lines.is_empty());
    let said: Vec<_> = stderr.lines().collect();
    assert_eq!(said.len(), 2, "{stderr}");
    assert!(said[0].contains("signature") && said[0].contains("SMARTCAR_MANAGEMENT_TOKEN"));
    assert!(!stderr.contains("KNAC381AZP5000042"));
    assert_eq!(said[1], "0 taken, 0 repeated, 20 refused");
}

#[test]
#[cfg(unix)]
fn the_output_is_appended_to_and_opened_anew() {
    use rustix::process::Signal;
    let folder = Folder::new();
    let file = folder.write("out.ndjson", "{\"kept\":true}\n{\"cut\":");
    let listener = Listener::start(&["--output", &file]);
    assert_eq!(listener.signed(&state("\"e1\"", "[]")), 200);
    let text = folder.read("out.ndjson");
    assert!(
        text.starts_with("{\"kept\":true}\n{\"cut\":\n{\"vehicle\":"),
        "{text}"
    );
    std::fs::rename(&file, folder.path("old.ndjson")).unwrap();
    listener.signal(Signal::HUP);
    poll(|| std::path::Path::new(&file).exists());
    assert_eq!(listener.signed(&state("\"e2\"", "[]")), 200);
    assert_eq!(lines(&folder.read("out.ndjson"))[0]["event_id"], "e2");
    assert!(!folder.read("old.ndjson").contains("e2"));
    listener.signal(Signal::TERM);
    let (code, lines, _) = listener.end();
    assert_eq!((code, lines.len()), (Some(0), 0));
}

#[test]
#[cfg(target_os = "linux")]
fn what_cannot_be_written_is_503_until_it_can() {
    let listener = Listener::start(&["--output", "/dev/full"]);
    let body = state("\"e1\"", "[]");
    assert_eq!(listener.signed(&body), 503);
    assert_eq!(listener.signed(&body), 503, "it is not taken for a repeat");
    listener.signal(rustix::process::Signal::TERM);
    let (code, _, stderr) = listener.end();
    assert_eq!(code, Some(0));
    assert!(stderr.contains("cannot write the output"), "{stderr}");
    assert!(
        stderr.ends_with("0 taken, 0 repeated, 0 refused\n"),
        "{stderr}"
    );
}

#[test]
#[cfg(unix)]
fn without_a_reader_of_stdout_it_answers_503_and_ends() {
    let mut listener = Listener::start(&[]);
    assert_eq!(listener.signed(&state("\"e1\"", "[]")), 200);
    // A request in progress, whose body is still to come.
    let late = state("\"e2\"", "[]");
    let head = format!(
        "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: {}\r\n{}\r\n",
        late.len(),
        signature(SECRET, &late)
    );
    let mut in_progress = listener.connect();
    in_progress.write_all(head.as_bytes()).unwrap();
    let mut go_on = [0; 25];
    in_progress.read_exact(&mut go_on).unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");

    listener.close_stdout();
    assert_eq!(listener.signed(&state("\"e3\"", "[]")), 503);
    in_progress.write_all(late.as_bytes()).unwrap();
    let mut answer = String::new();
    in_progress.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");

    poll(|| listener.has_ended());
    let (code, _, stderr) = listener.end();
    assert_eq!(code, Some(1), "{stderr}");
    assert!(stderr.contains("nothing reads stdout any more"), "{stderr}");
    assert!(
        stderr.ends_with("1 taken, 0 repeated, 0 refused\n"),
        "{stderr}"
    );
}

#[test]
#[cfg(unix)]
fn a_named_pipe_can_get_another_reader() {
    let folder = Folder::new();
    let pipe = folder.path("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    // Either end waits until the other is opened.
    let reader = std::thread::spawn({
        let pipe = pipe.clone();
        move || File::open(pipe).unwrap()
    });
    let listener = Listener::start(&["--output", &pipe]);
    let body = state("\"e1\"", "[]");
    drop(reader.join().unwrap());
    assert_eq!(listener.signed(&body), 503);
    assert_eq!(listener.signed(&body), 503);
    let _reader = File::open(&pipe).unwrap();
    assert_eq!(listener.signed(&body), 200);
    listener.signal(rustix::process::Signal::TERM);
    let (code, _, stderr) = listener.end();
    assert_eq!(code, Some(0), "{stderr}");
}

#[test]
fn wrong_input_is_refused_before_anything_is_bound() {
    let listen = |keys: &str, arguments: &[&str]| -> Run {
        let all = [&["listen", "--addr", "127.0.0.1:0"], arguments].concat();
        run(&all, &[("SMARTCAR_MANAGEMENT_TOKEN", keys)])
    };
    for keys in ["", " ", ",", "a,", ",a", "a,,b", "a b"] {
        let run = listen(keys, &[]);
        assert_eq!(run.code, Some(2), "{keys:?}: {run:?}");
        assert!(run.stderr.contains("SMARTCAR_MANAGEMENT_TOKEN"), "{run:?}");
    }
    assert_eq!(run(&["listen"], &[]).code, Some(2));
    for paths in [&["/odometr"][..], &["odometer"], &["/fuel", "/fuel"]] {
        assert_eq!(listen("key", paths).code, Some(2), "{paths:?}");
    }
    let near = listen("key", &["/odometr"]);
    assert!(near.stderr.contains("/odometer"), "{near:?}");
    let folder = Folder::new();
    let run = listen("key", &["--output", &folder.path("no/such/file")]);
    assert_eq!(run.code, Some(1), "{run:?}");
    let busy = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = busy.local_addr().unwrap().to_string();
    let run = run_at(&addr);
    assert_eq!(run.code, Some(4), "{run:?}");
}

fn run_at(addr: &str) -> Run {
    run(
        &["listen", "--addr", addr],
        &[("SMARTCAR_MANAGEMENT_TOKEN", "key")],
    )
}

#[test]
#[cfg(unix)]
fn the_simulator_delivers_to_it() {
    let folder = Folder::new();
    let file = folder.path("out.ndjson");
    let listener = Listener::start(&["--output", &file, "/odometer", "/"]);
    let url = format!("http://127.0.0.1:{}/", listener.port);
    let mut simulator = command(
        &["simulate", "--clock-speed", "3600", "--webhook", &url],
        &[("SMARTCAR_MANAGEMENT_TOKEN", SECRET)],
    )
    .stdout(Stdio::null())
    .stderr(Stdio::null())
    .spawn()
    .unwrap();
    poll(|| folder.read("out.ndjson").lines().count() >= 6);
    let _ = simulator.kill();
    let _ = simulator.wait();
    listener.signal(rustix::process::Signal::TERM);
    let (code, _, stderr) = listener.end();
    assert_eq!(code, Some(0));
    assert!(stderr.ends_with(" 0 refused\n"), "{stderr}");
    for line in lines(&folder.read("out.ndjson")) {
        assert!(line["items"][0]["body"]["distance"].is_number(), "{line}");
        assert_eq!(line["mode"], "LIVE");
    }
}

#[test]
fn a_signature_is_checked_by_hand() {
    let folder = Folder::new();
    let body = state("\"e1\"", "[]");
    let file = folder.write("body.json", &body);
    let token = ManagementToken::new(SECRET).unwrap();
    let right = sign(&token, body.as_bytes());
    let verify = |file: &str, signature: &str, key: &str| {
        run(
            &["webhook", "verify", file, "--signature", signature],
            &[("SMARTCAR_MANAGEMENT_TOKEN", key)],
        )
    };
    assert_eq!(verify(&file, &right, SECRET).code, Some(0));
    assert_eq!(
        verify(&file, &right.to_uppercase(), &format!("old,{SECRET}")).code,
        Some(0)
    );
    assert_eq!(verify(&file, &right, "another").code, Some(3));
    assert_eq!(verify(&file, "4f", SECRET).code, Some(2));
    assert_eq!(verify(&folder.path("none"), &right, SECRET).code, Some(2));
    assert_eq!(verify(&file, &right, "").code, Some(2));
    let edited = folder.write("edited.json", &format!("{body}\n"));
    let run = verify(&edited, &right, SECRET);
    assert!(
        run.code == Some(3) && run.stderr.contains("newline"),
        "{run:?}"
    );
}
