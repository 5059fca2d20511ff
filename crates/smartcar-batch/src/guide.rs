//! A guide, from an empty folder to a fleet that is polled.
//!
//! Follow it from the top: it begins with `cargo new` and the simulator, and each
//! chapter needs only those before it.
//!
//! | Chapter | You learn to |
//! |---|---|
//! | [Set up](#set-up), [the first batch](#the-first-batch) | ask two things in one request |
//! | [A real vehicle](#a-real-vehicle) | get an access token |
//! | [When an item fails](#when-an-item-fails) | say what a failure means |
//! | [Units](#units), [one endpoint](#one-endpoint), [a list at run time](#a-list-at-run-time) | ask in other ways |
//! | [What it costs](#what-it-costs), [retries and deadlines](#retries-and-deadlines), [when a call fails](#when-a-call-fails) | keep to limits |
//! | [Tokens that end](#tokens-that-end) | refresh access tokens |
//! | [In a web service](#in-a-web-service) | share batches between handlers |
//! | [A polled fleet](#a-polled-fleet) | ask many vehicles again and again |
//! | [Test](#test), [see what happens](#see-what-happens) | know that it works |
//! | [What happens with v3](#what-happens-with-v3) | ask the same of the next API |
//!
//! Invariant: every snippet is compiled, and all that can end are run.
#![doc = ""]
#![doc = include_str!("guide/start.md")]
#![doc = ""]
#![doc = include_str!("guide/batches.md")]
#![doc = ""]
#![doc = include_str!("guide/asking.md")]
#![doc = ""]
#![doc = include_str!("guide/services.md")]
#![doc = ""]
#![doc = include_str!("guide/testing.md")]
