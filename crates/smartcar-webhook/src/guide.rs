//! A guide, from the dashboard to push and poll together.
//!
//! | Chapter | You learn to | Types |
//! |---|---|---|
//! | [From the dashboard](#from-the-dashboard) | make a webhook and have it verified | [`ManagementToken`] |
//! | [The first delivery](#the-first-delivery) | read a delivery as a batch | [`Receiver`], [`State`] |
//! | [What to answer](#what-to-answer) | lose nothing | [`Refused`], [`Claims`], [`Seen`] |
//! | [Push and poll together](#push-and-poll-together) | keep the newest values | [`Latest`], [`LatestMap`] |
//! | [Errors of a vehicle](#errors-of-a-vehicle) | act when a connection breaks | [`Errors`] |
//! | [A signature that never verifies](#a-signature-that-never-verifies) | find the cause | |
//! | [Test](#test) | try all of it without an account | |
//!
//! [`Claims`]: crate::Claims
//! [`Errors`]: crate::Errors
//! [`Latest`]: crate::Latest
//! [`LatestMap`]: crate::LatestMap
//! [`ManagementToken`]: crate::ManagementToken
//! [`Receiver`]: crate::Receiver
//! [`Refused`]: crate::Refused
//! [`Seen`]: crate::Seen
//! [`State`]: crate::State
//!
//! Invariant: every snippet is shown whole and compiles.
#![doc = ""]
#![doc = include_str!("guide/webhooks.md")]
