//! Reads a request as sent over the wire.
//!
//! Invariant: a request is returned only if its head and body are complete.

use std::io;
use std::sync::{Mutex, PoisonError};

use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) async fn read_request(stream: &mut TcpStream) -> io::Result<Option<String>> {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let length = stream.read(&mut piece).await?;
        if length == 0 {
            return Ok(None);
        }
        bytes.extend_from_slice(&piece[..length]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let declared = head
            .lines()
            .find_map(|line| {
                line.to_ascii_lowercase()
                    .strip_prefix("content-length:")?
                    .trim()
                    .parse()
                    .ok()
            })
            .unwrap_or(0_usize);
        if body.len() >= declared {
            return Ok(Some(text));
        }
    }
}
