//! Ports of 127.0.0.1 that stay a test's own while nothing listens on them: below those that the system gives to clients, so that
//! no connection takes one while its server is down.

use std::net::TcpListener;
use std::ops::Range;
use std::sync::atomic::{AtomicU16, Ordering};

const RANGE: Range<u16> = 12_000..22_000;
/// A broker's controller listens this far above it.
const CONTROLLER: u16 = 10;
const STEP: u16 = 20;
static NEXT: AtomicU16 = AtomicU16::new(0);

/// A port where nothing listens, nor on that of its controller; processes that test at the same time start at different places.
pub(crate) fn free_port() -> u16 {
    let slots = (RANGE.end - RANGE.start) / STEP;
    let first = u16::try_from(std::process::id() % u32::from(slots)).unwrap();
    for _ in 0..slots {
        let slot = (first + NEXT.fetch_add(1, Ordering::Relaxed)) % slots;
        let port = RANGE.start + slot * STEP;
        if [port, port + CONTROLLER].iter().all(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()) {
            return port;
        }
    }
    panic!("no free port");
}
