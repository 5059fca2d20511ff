//! Follows the guide in a new crate outside the workspace.
//!
//! Invariant: the crate contains only what the guide shows: its `cargo add` lines
//! and its files, with versions resolved without the workspace's lock file.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output};
use std::time::{Duration, Instant};

use smartcar_simulator::Simulator;

const CHAPTERS: [&str; 12] = [
    include_str!("../../crates/smartcar-batch/src/guide/start.md"),
    include_str!("../../crates/smartcar-batch/src/guide/batches.md"),
    include_str!("../../crates/smartcar-batch/src/guide/quantities.md"),
    include_str!("../../crates/smartcar-batch/src/guide/asking.md"),
    include_str!("../../crates/smartcar-batch/src/guide/services.md"),
    include_str!("../../crates/smartcar-batch/src/guide/processes.md"),
    include_str!("../../crates/smartcar-batch/src/guide/plugging.md"),
    include_str!("../../crates/smartcar-batch/src/guide/testing.md"),
    include_str!("../../crates/smartcar-batch/src/guide/unit_tests.md"),
    include_str!("../../crates/smartcar-batch/src/guide/observing.md"),
    include_str!("../../crates/smartcar-batch/src/guide/set_up.md"),
    include_str!("../../crates/smartcar-batch/src/guide/version_3.md"),
];

/// The line of the first program that is replaced by calls to the other files.
const PLACE: &str = "    // Calls from the next chapters go here.\n";

/// A call to each file's function. Those that make the client wait for a vehicle
/// come last.
const CALLS: &str = r#"
    let measured = std::env::args().any(|argument| argument == "metrics");
    let attempts = measured.then(metrics::install);
    let token = AccessToken::new(simulator.token())?;
    let origin = simulator.origin();
    assert_eq!(scope::scope(), ["read_fuel", "read_odometer"].into());
    version_3::client("client_0123", "secret".to_owned(), "user-1")?;
    assert!(environment::client().is_err());
    failures::lenient(&vehicle, &simulator).await?;
    required::strict(&vehicle, &simulator).await?;
    units::miles(&vehicle).await?;
    quantities::kilometers(&vehicle).await?;
    location::locate(&vehicle).await?;
    list::list(&vehicle).await?;
    price::price(&vehicle).await?;
    let thrifty = budget::client(token.clone(), origin)?;
    price::price(&thrifty.vehicle(vehicle.id().clone())).await?;
    retries::retry(&vehicle, &simulator).await?;
    assert!(shared_budget::client(token.clone(), origin, "not a url").is_err());
    shared_budget::client(token.clone(), origin, "redis://127.0.0.1:1")?;
    assert!(smartcar_nats::Queue::connect("not a url").await.is_err());
    let _ = worker::work;
    let refreshed = tokens::client(simulator.token(), origin)?;
    units::miles(&refreshed.vehicle(vehicle.id().clone())).await?;
    loader::two_at_once(&vehicle).await?;
    fleet::read_all(&client).await?;
    let proxy = "http://proxy.example:3128";
    company::client(token.clone(), include_bytes!("../root.pem"), proxy)?;
    assert!(company::client(token.clone(), b"", "not a proxy").is_err());
    let counting = std::sync::Arc::new(counting::Counting::new()?);
    let counted = counted::client(token.clone(), origin, &counting)?;
    price::price(&counted.vehicle(vehicle.id().clone())).await?;
    assert_eq!(counting.sent(), 1);
    on_v3::odometer(token, smartcar_batch::UserId::new(simulator.user())?, origin).await?;
    assert!(set_up::link("app-1", "x")?.contains("scope=read_fuel%20read_odometer"));
    match attempts {
        Some(attempts) => {
            let counted: u64 = attempts.counts().values().sum();
            // The first batch was sent before the layer was installed.
            assert_eq!(counted + 1, simulator.requests().len() as u64);
        }
        None => logging::show(&vehicle).await?,
    }
    let on_store = v3_credentials::client(&simulator)?.vehicle(vehicle.id().clone());
    on_store.get::<smartcar_batch::Odometer>().send().await?;
    assert!(set_up::fill(&v3_credentials::client(&simulator)?, &on_store).await? > 50);
    let limit = smartcar_simulator::Fault::error("RATE_LIMIT", Some("VEHICLE"));
    let limit = limit.header("retry-after", "900");
    simulator.fault(limit.on_vehicle(simulator.vehicles()[0].id.clone()))?;
    let vehicles = fleet::list(&client).await?;
    poller::poll(&client, vehicles, std::time::Duration::from_millis(50), 3).await;
    simulator.clear_faults();
    errors::limited(&vehicle, &simulator).await?;
"#;

/// A self-signed certificate.
const ROOT: &str = "\
-----BEGIN CERTIFICATE-----
MIIBhjCCASugAwIBAgIUA2VB/dfA4zfQrV9yKmlBoDfthBQwCgYIKoZIzj0EAwIw
FzEVMBMGA1UEAwwMcm9vdC5leGFtcGxlMCAXDTI2MTEyNzE5MTg0N1oYDzIxMjYx
MTAzMTkxODQ3WjAXMRUwEwYDVQQDDAxyb290LmV4YW1wbGUwWTATBgcqhkjOPQIB
BggqhkjOPQMBBwNCAAQRak1qjB1v8CGLgA+ycez6ShzhFZqaniAI8qiYf7+aortq
0rVeVfBzg4C78tIfKr9s9q+fjNrcjnC8UnNiJxvRo1MwUTAdBgNVHQ4EFgQU65DK
dWKZXfLUixkqvPSKyZVlJ8YwHwYDVR0jBBgwFoAU65DKdWKZXfLUixkqvPSKyZVl
J8YwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEAqqcCsJflo1QL
eCBoE/NFofVTVzijZM0cG6n48LIB0lsCIQDxrrE2pBQfoqtkvITFZlzyd9mkdeuX
qILwJe8bjH+Yow==
-----END CERTIFICATE-----
";

/// The expected output of the first program, then of the calls, in order; there are
/// other lines in between.
const PRINTED: [&str; 15] = [
    "41162 km",
    "Some(470.6) km left in the tank",
    "/fuel: status 409 VEHICLE_STATE ASLEEP: ",
    "the required /fuel failed: ",
    "still 41162 km",
    "25576.88 miles",
    "41162 km",
    "/odometer: {\"distance\":",
    "41162 km, ",
    "km in the store",
    "smartcar_attempt",
    "round 1: 3 vehicles",
    "round 2: 2 vehicles",
    "round 3: 2 vehicles",
    "try later: ",
];

/// The Rust snippets with the path in their first line.
fn files() -> Vec<(&'static str, &'static str)> {
    // Outside a snippet, inside, outside, …
    let blocks = CHAPTERS
        .iter()
        .flat_map(|text| text.split("```").skip(1).step_by(2));
    let rust =
        blocks.filter(|block| !block.starts_with("console\n") && !block.starts_with("text\n"));
    rust.map(|block| {
        let (_, code) = block.split_once('\n').unwrap();
        let path = code.lines().next().unwrap().strip_prefix("// ");
        (
            path.unwrap_or_else(|| panic!("no path above\n{code}")),
            code,
        )
    })
    .collect()
}

/// The arguments of each `cargo add` line, in order.
fn additions() -> impl Iterator<Item = &'static str> {
    let lines = CHAPTERS.iter().flat_map(|text| text.lines());
    lines.filter_map(|line| line.strip_prefix("$ cargo add "))
}

#[test]
fn snippets_hide_nothing() {
    for (path, code) in files() {
        let hidden = |line: &str| line == "#" || line.trim_start().starts_with("# ");
        assert!(!code.lines().any(hidden), "{path} hides lines:\n{code}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_crate_follows_the_guide() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("guide");
    let _ = fs::remove_dir_all(&folder);
    let address = free_address();
    write_crate(&folder, &address);

    let root = root().to_string_lossy();
    for line in additions() {
        // A path may contain spaces; the guide's words do not.
        let words: Vec<_> = line
            .split(' ')
            .map(|word| word.replace("../smartcar-batch", &root))
            .collect();
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        cargo(&folder, "add", &words);
    }
    let printed = cargo(&folder, "run", &[]);
    let mut rest = printed.as_str();
    for line in PRINTED {
        let at = rest
            .find(line)
            .unwrap_or_else(|| panic!("no `{line}` in {rest}"));
        rest = &rest[at + line.len()..];
    }
    cargo(&folder, "run", &["--", "metrics"]);
    let tested = cargo(
        &folder,
        "test",
        &["--test", "advice", "--test", "swapped", "--test", "unit"],
    );
    assert!(
        tested.contains("3 passed") && tested.contains("1 passed"),
        "{tested}"
    );

    // A service that swaps two vehicles fails the test.
    let (right, wrong) = (
        "[one.distance, other.distance]",
        "[other.distance, one.distance]",
    );
    let file = folder.join("tests/swapped.rs");
    let swapped = fs::read_to_string(&file).unwrap().replace(right, wrong);
    assert!(swapped.contains(wrong));
    write(&file, &swapped);
    let output = tried(&folder, "test", &["--test", "swapped"]);
    assert!(!output.status.success());
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(printed.contains("left == right"), "{printed}");

    cargo(&folder, "build", &["--example", "service"]);
    let simulator = Simulator::start().await.unwrap();
    let mut service = Command::new(target().join("debug/examples/service"));
    service.env("SMARTCAR_API_ORIGIN", simulator.origin());
    service.env("SMARTCAR_ACCESS_TOKEN", simulator.token());
    let _running = Running(service.spawn().unwrap());
    let page = page(&address, "/vehicles/car-1/odometer");
    assert!(page.ends_with("\r\n\r\n61451 km"), "{page}");
}

/// Creates an empty crate with the guide's files. Its manifest declares a
/// workspace, so that cargo does not treat it as a member of the surrounding one.
fn write_crate(folder: &Path, address: &str) {
    let manifest = "[package]\nname = \"snapshot\"\nedition = \"2024\"\n\n[workspace]\n";
    write(&folder.join("Cargo.toml"), manifest);
    write(&folder.join("root.pem"), ROOT);
    let files = files();
    let modules: Vec<_> = files
        .iter()
        .filter_map(|(path, _)| path.strip_prefix("src/")?.strip_suffix(".rs"))
        .filter(|name| *name != "main")
        .collect();
    for name in &modules {
        assert!(CALLS.contains(&format!("{name}::")), "{name} is not called");
    }
    for (path, code) in files {
        let code = match path {
            "src/main.rs" => {
                assert!(code.contains(PLACE), "{code}");
                let modules: Vec<_> = modules
                    .iter()
                    .map(|name| format!("mod {name};\n"))
                    .collect();
                modules.concat() + &code.replace(PLACE, CALLS)
            }
            "examples/service.rs" => code.replace("127.0.0.1:8080", address),
            _ => code.to_owned(),
        };
        write(&folder.join(path), &code);
    }
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    xtask::write::replace(path, text).unwrap();
}

/// Runs cargo in the crate, which must succeed, and returns what it printed.
fn cargo(folder: &Path, verb: &str, arguments: &[&str]) -> String {
    let output = tried(folder, verb, arguments);
    let errors = String::from_utf8_lossy(&output.stderr);
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "cargo {verb} {arguments:?}: {errors}\n{printed}"
    );
    printed.into_owned()
}

/// Runs cargo in the crate. It first tries without a network; crates never
/// downloaded on this machine come from the registry.
fn tried(folder: &Path, verb: &str, arguments: &[&str]) -> Output {
    let run = |offline: &[&str]| {
        Command::new(env!("CARGO"))
            .current_dir(folder)
            .args([verb, "--quiet"])
            .args(offline)
            .args(arguments)
            .env("CARGO_TARGET_DIR", target())
            .env_remove("SMARTCAR_ACCESS_TOKEN")
            .env_remove("SMARTCAR_CLIENT_ID")
            .output()
            .unwrap()
    };
    let mut output = run(&["--offline"]);
    if String::from_utf8_lossy(&output.stderr).contains("offline") {
        output = run(&[]);
    }
    output
}

/// A process that is killed at the end of its test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

/// The response of a service that may still be starting.
fn page(address: &str, path: &str) -> String {
    let started = Instant::now();
    let mut stream = loop {
        match TcpStream::connect(address) {
            Ok(stream) => break stream,
            Err(error) => assert!(started.elapsed() < Duration::from_secs(30), "{error}"),
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// The target folder that this test was built into.
fn target() -> PathBuf {
    let tmp = Path::new(env!("CARGO_TARGET_TMPDIR"));
    tmp.parent().unwrap().to_owned()
}
