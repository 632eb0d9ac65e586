//! # EKS Access Playground
//!
//! A simulator of Amazon EKS cluster access that decides, and explains, who may do what.
//!
//! ## Bird's-eye view
//!
//! One pure engine simulates AWS identities, the EKS access API and the Kubernetes authorizers.
//! Everything else is a way to talk to it or to show it.
//!
//! ```text
//! browser ─ ui ──► view ──► shell ──► session ──► engine ──► aws   k8s ──► formats
//!           (Yew)  (rows,   (aws,     (log, undo,  (joined    (each on its  (yaml, arn,
//!                  steps)   kubectl)   share link)  world)     own terms)    time, tables)
//! ```
//!
//! Arrows are the only allowed imports; a layer may skip downwards.
//!
//! ## Invariants
//!
//! 1. Only [`ui`](crate) knows that a browser exists: the web crates are dependencies of wasm32 alone.
//! 2. The engine never asks the time, makes a random number, prints or panics: the same inputs give the same world.
//! 3. There is one way to change a world: `engine::World::call`.
//! 4. There is one walk over bindings and rules; deciding and explaining are two readers of it.
//! 5. `k8s` holds no EKS word, `aws` holds no RBAC word; the engine joins them.
//! 6. The UI reads `view` structs, never the inside of a world; `view` never returns markup.
//! 7. Iteration order is defined everywhere: no `HashMap`.
//! 8. Nothing the code already knows is stored: stock roles and the policy catalogue are not part of a saved world.
//! 9. Links, storage, files and typed text are untrusted: decoded with limits into a `Result`.
//!
//! `tests/tidy.rs` holds these rules.
//! Rules of the simulated systems are cited by number, as in `eks 5.6`, `iam 4.1`, `rbac 6`, `cli 3.6`;
//! those rules, with their sources, are in `docs/spec`.

pub mod aws;
#[cfg(not(target_arch = "wasm32"))]
pub mod cli;
pub mod engine;
pub mod formats;
pub mod k8s;
pub mod session;
pub mod shell;
#[cfg(target_arch = "wasm32")]
pub mod ui;
pub mod view;
