//! A running `smartcar listen`, and requests to it.
//!
//! Invariant: it ends with its test, and never shows its key.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStderr, Stdio};
use std::time::Duration;

use serde_json::Value;
use smartcar_webhook::{ManagementToken, sign};

use crate::harness::{SECRET, command};

/// A running receiver. It is killed on drop.
pub(crate) struct Listener {
    child: Child,
    stderr: BufReader<ChildStderr>,
    pub(crate) port: u16,
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Listener {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        Self::with_keys(SECRET, arguments)
    }

    pub(crate) fn with_keys(keys: &str, arguments: &[&str]) -> Self {
        Self::with(&[("SMARTCAR_MANAGEMENT_TOKEN", keys)], arguments)
    }

    pub(crate) fn with(variables: &[(&str, &str)], arguments: &[&str]) -> Self {
        Self::on(0, variables, arguments)
    }

    /// On this port, or on a free one if it is 0.
    pub(crate) fn on(port: u16, variables: &[(&str, &str)], arguments: &[&str]) -> Self {
        let addr = format!("127.0.0.1:{port}");
        let all = [&["listen", "--addr", &addr], arguments].concat();
        let mut child = command(&all, variables)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        stderr.read_line(&mut line).unwrap();
        let port = line.trim().strip_prefix("listening on http://127.0.0.1:");
        let port = port.unwrap_or_else(|| panic!("{line}")).parse().unwrap();
        Self {
            child,
            stderr,
            port,
        }
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(60)))
            .unwrap();
        stream
    }

    pub(crate) fn raw(&self, request: &[u8]) -> (u16, String) {
        let mut stream = self.connect();
        stream.write_all(request).unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8(answer).unwrap();
        let status = answer.split(' ').nth(1).unwrap_or_default();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
        let status = status.parse().unwrap_or_else(|_| panic!("{answer}"));
        (status, format!("{}\n{body}", head.to_lowercase()))
    }

    /// Posts a body with these additional header lines.
    pub(crate) fn post(&self, headers: &str, body: &str) -> (u16, String) {
        let length = body.len();
        let request = format!(
            "POST /any/path HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
        );
        self.raw(request.as_bytes())
    }

    pub(crate) fn signed(&self, body: &str) -> u16 {
        self.post(&signature(SECRET, body), body).0
    }

    #[cfg(unix)]
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let id = i32::try_from(self.child.id()).unwrap();
        rustix::process::kill_process(rustix::process::Pid::from_raw(id).unwrap(), signal).unwrap();
    }

    /// Closes the reading end of its stdout.
    pub(crate) fn close_stdout(&mut self) {
        drop(self.child.stdout.take().unwrap());
    }

    /// Whether it has ended by itself.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Kills it, as SIGKILL does. Returns the rest of stderr.
    pub(crate) fn kill(&mut self) -> String {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        let mut stderr = String::new();
        self.stderr.read_to_string(&mut stderr).unwrap();
        stderr
    }

    /// Waits for its end. Returns the exit code, the lines and the rest of stderr.
    pub(crate) fn end(mut self) -> (Option<i32>, Vec<Value>, String) {
        let mut stderr = String::new();
        self.stderr.read_to_string(&mut stderr).unwrap();
        let mut stdout = String::new();
        if let Some(pipe) = &mut self.child.stdout {
            pipe.read_to_string(&mut stdout).unwrap();
        }
        let code = self.child.wait().unwrap().code();
        assert!(!stderr.contains(SECRET) && !stdout.contains(SECRET));
        (code, lines(&stdout), stderr)
    }
}

pub(crate) fn lines(text: &str) -> Vec<Value> {
    let lines = text.lines();
    let read = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    lines.map(read).collect()
}

pub(crate) fn signature(key: &str, body: &str) -> String {
    let token = ManagementToken::new(key).unwrap();
    format!("SC-Signature: {}\r\n", sign(&token, body.as_bytes()))
}

pub(crate) fn state(id: &str, signals: &str) -> String {
    format!(
        r#"{{"eventId":{id},"eventType":"VEHICLE_STATE","data":{{"user":{{"id":"u1","externalId":"x1"}},
"vehicle":{{"id":"v1","make":"KIA","mode":"live"}},"signals":{signals}}},
"triggers":[{{"type":"SIGNAL_UPDATED","signal":"a-b"}}],
"meta":{{"deliveryId":"d1","mode":"LIVE","sequence":41}}}}"#
    )
}
