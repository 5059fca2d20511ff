//! One pure emitter per generated file.
//!
//! Invariant: an emitter only reads the API and returns text. It uses no files and no
//! clock, so the same spec gives the same bytes on every machine.

mod docs;
pub mod endpoints;
pub mod enums;
pub mod errors;
mod lean;
pub mod mapping;
mod markdown;
pub mod migration;
pub mod modules;
mod progenitor;
pub mod quantities;
pub mod reference;
pub mod requests;
mod rust;
pub mod schemas;
pub mod signals;
pub mod simulator;
pub mod types;
