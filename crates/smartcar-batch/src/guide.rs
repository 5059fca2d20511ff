//! A guide, from an empty folder to a polled fleet.
//!
//! It starts with `cargo new` and the simulator. Each chapter needs only the chapters
//! before it.
//!
//! | Chapter | You learn to |
//! |---|---|
//! | [Set up](#set-up), [the first batch](#the-first-batch) | read two things in one request |
//! | [A real vehicle](#a-real-vehicle) | get credentials for v3 or v2.0 |
//! | [When an item fails](#when-an-item-fails) | choose what a failure means |
//! | [Units](#units), [one endpoint](#one-endpoint), [paths known only at run time](#paths-known-only-at-run-time) | use other kinds of requests |
//! | [What it costs](#what-it-costs), [retries and deadlines](#retries-and-deadlines), [when a call fails](#when-a-call-fails) | stay within limits |
//! | [Tokens that expire](#tokens-that-expire) | refresh access tokens |
//! | [In a web service](#in-a-web-service) | share batches between handlers |
//! | [A polled fleet](#a-polled-fleet) | read many vehicles regularly |
//! | [Test](#test), [logging](#logging) | check that it works |
//! | [Version 3](#version-3) | run the same batches on v3 |
//!
//! Invariant: every snippet is shown whole, compiles, and is built in a new crate by a test.
#![doc = ""]
#![doc = include_str!("guide/start.md")]
#![doc = ""]
#![doc = include_str!("guide/batches.md")]
#![doc = ""]
#![cfg_attr(feature = "uom", doc = include_str!("guide/quantities.md"))]
#![doc = ""]
#![doc = include_str!("guide/asking.md")]
#![doc = ""]
#![doc = include_str!("guide/services.md")]
#![doc = ""]
#![doc = include_str!("guide/testing.md")]
#![doc = ""]
#![doc = include_str!("guide/version_3.md")]
