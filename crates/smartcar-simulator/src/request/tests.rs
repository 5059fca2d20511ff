use super::*;

#[test]
fn this_machine_has_three_names() {
    for host in [
        "127.0.0.1",
        "127.0.0.1:4010",
        "localhost",
        "LocalHost:1",
        "[::1]",
        "[::1]:4010",
    ] {
        assert!(is_known(host, &[]), "{host}");
    }
}

#[test]
fn every_other_name_is_foreign() {
    for host in [
        "",
        ":4010",
        "example.com",
        "example.com:80",
        "localhost.example.com",
        "127.0.0.1.example.com",
        "localhost:port",
        "user@localhost",
        "0.0.0.0:4010",
        "192.168.1.2",
        "[::]:1",
        "::1",
        "[::1",
    ] {
        assert!(!is_known(host, &[]), "{host}");
    }
}

#[test]
fn a_page_of_another_machine_is_not_from_here() {
    let is_from_here = |origins: &[&str]| {
        let mut request = http::Request::builder();
        for origin in origins {
            request = request.header(ORIGIN, *origin);
        }
        super::is_from_here(&request.body(()).unwrap().into_parts().0.headers, &[])
    };
    assert!(is_from_here(&[]));
    assert!(is_from_here(&["http://localhost:3000"]));
    assert!(is_from_here(&["https://127.0.0.1"]));
    for origin in ["https://evil.example", "null", "", "file://", "http://"] {
        assert!(!is_from_here(&[origin]), "{origin}");
        assert!(!is_from_here(&["http://localhost", origin]), "{origin}");
    }
}

#[test]
fn an_allowed_host_is_known_with_and_without_a_port() {
    let allowed = ["lab.example".to_owned()];
    for host in ["lab.example", "LAB.example:4010", "localhost"] {
        assert!(is_known(host, &allowed), "{host}");
    }
    for host in ["lab.example.org", "other", "lab.example:x", "a@lab.example"] {
        assert!(!is_known(host, &allowed), "{host}");
    }
}
