//! The rules of the lint, by code and name.
//!
//! Invariant: a code never changes its meaning. New rules are added at the end, and
//! the code of a removed rule stays unused.

macro_rules! rules {
    ($($rule:ident = $name:literal,)*) => {
        /// A lint rule, described in `xtask/RULES.md` under its code.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(
            missing_docs,
            reason = "each variant is described in RULES.md under its code"
        )]
        pub enum Rule {
            $($rule,)*
        }

        impl Rule {
            /// Every rule, in the order of its code.
            pub const ALL: &'static [Rule] = &[$(Rule::$rule,)*];

            /// The stable code, `S01` onwards.
            pub fn code(self) -> String {
                format!("S{:02}", self as usize + 1)
            }

            /// The title of the drawing and of the section in `RULES.md`.
            pub fn name(self) -> &'static str {
                match self {
                    $(Rule::$rule => $name,)*
                }
            }
        }
    };
}

rules! {
    Syntax = "fault of the YAML",
    Version = "not OpenAPI 3.0",
    Shape = "wrong shape",
    DanglingRef = "dangling reference",
    MissingOperationId = "missing operationId",
    DuplicateOperationId = "duplicate operationId",
    SuccessBody = "not one success body",
    ErrorBody = "not one error body",
    MissingExample = "missing example",
    ExampleMismatch = "example does not fit",
    MissingPermission = "missing permission",
    SharedBody = "shared body",
    InlineEnum = "inline enum",
    InlineObject = "inline object",
    NumberFormat = "number format",
    BodyName = "name of a body",
    Unsupported = "not supported",
    PathParameter = "path parameter",
    Tag = "tag or make",
    Unit = "unit",
    Irregular = "irregular form",
    Documentation = "missing text",
    NameCollision = "unusable name",
    Generator = "generator failed",
    UnknownMember = "unknown member",
    RefSibling = "member beside $ref",
    ErrorCatalogue = "error catalogue",
    UnknownPermission = "unknown permission",
    InlineHeader = "inline header",
    PathTemplate = "path template",
    MissingType = "missing type",
    Simulated = "simulated state",
    Signal = "signal",
    Mapping = "mapping to version 3",
    Unmapped = "member without a source",
    Shared = "shared component",
    Personal = "personal member",
    UnitSystem = "unit system not told",
}
