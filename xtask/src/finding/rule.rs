//! The rules of the lint, by code and name.
//!
//! Invariant: a code never changes its meaning. A new rule stands at the end,
//! a rule that is dropped leaves its code unused.

/// A rule of the lint: it has a section in `xtask/RULES.md` under its code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(
    missing_docs,
    reason = "each variant is described in RULES.md under its code"
)]
pub enum Rule {
    Syntax,
    Version,
    Shape,
    DanglingRef,
    MissingOperationId,
    DuplicateOperationId,
    SuccessBody,
    ErrorBody,
    MissingExample,
    ExampleMismatch,
    MissingPermission,
    SharedBody,
    InlineEnum,
    InlineObject,
    NumberFormat,
    BodyName,
    Unsupported,
    PathParameter,
    Tag,
    Unit,
    Irregular,
    Documentation,
    NameCollision,
    Generator,
    UnknownMember,
    RefSibling,
    ErrorCatalogue,
    UnknownPermission,
    InlineHeader,
    PathTemplate,
    MissingType,
    Simulated,
    Signal,
    Mapping,
    Unmapped,
    Shared,
}

impl Rule {
    /// Every rule, in the order of its code.
    pub const ALL: &'static [Rule] = &[
        Rule::Syntax,
        Rule::Version,
        Rule::Shape,
        Rule::DanglingRef,
        Rule::MissingOperationId,
        Rule::DuplicateOperationId,
        Rule::SuccessBody,
        Rule::ErrorBody,
        Rule::MissingExample,
        Rule::ExampleMismatch,
        Rule::MissingPermission,
        Rule::SharedBody,
        Rule::InlineEnum,
        Rule::InlineObject,
        Rule::NumberFormat,
        Rule::BodyName,
        Rule::Unsupported,
        Rule::PathParameter,
        Rule::Tag,
        Rule::Unit,
        Rule::Irregular,
        Rule::Documentation,
        Rule::NameCollision,
        Rule::Generator,
        Rule::UnknownMember,
        Rule::RefSibling,
        Rule::ErrorCatalogue,
        Rule::UnknownPermission,
        Rule::InlineHeader,
        Rule::PathTemplate,
        Rule::MissingType,
        Rule::Simulated,
        Rule::Signal,
        Rule::Mapping,
        Rule::Unmapped,
        Rule::Shared,
    ];

    /// The stable code, `S01` onwards.
    pub fn code(self) -> String {
        format!("S{:02}", self as usize + 1)
    }

    /// The name that heads a drawing and the section in `RULES.md`.
    pub fn name(self) -> &'static str {
        match self {
            Rule::Syntax => "fault of the YAML",
            Rule::Version => "not OpenAPI 3.0",
            Rule::Shape => "wrong shape",
            Rule::DanglingRef => "dangling reference",
            Rule::MissingOperationId => "missing operationId",
            Rule::DuplicateOperationId => "duplicate operationId",
            Rule::SuccessBody => "not one success body",
            Rule::ErrorBody => "not one error body",
            Rule::MissingExample => "missing example",
            Rule::ExampleMismatch => "example does not fit",
            Rule::MissingPermission => "missing permission",
            Rule::SharedBody => "shared body",
            Rule::InlineEnum => "inline enum",
            Rule::InlineObject => "inline object",
            Rule::NumberFormat => "number format",
            Rule::BodyName => "name of a body",
            Rule::Unsupported => "not supported",
            Rule::PathParameter => "path parameter",
            Rule::Tag => "tag or make",
            Rule::Unit => "unit",
            Rule::Irregular => "irregular form",
            Rule::Documentation => "missing text",
            Rule::NameCollision => "unusable name",
            Rule::Generator => "generator failed",
            Rule::UnknownMember => "unknown member",
            Rule::RefSibling => "member beside $ref",
            Rule::ErrorCatalogue => "error catalogue",
            Rule::UnknownPermission => "unknown permission",
            Rule::InlineHeader => "inline header",
            Rule::PathTemplate => "path template",
            Rule::MissingType => "missing type",
            Rule::Simulated => "simulated state",
            Rule::Signal => "signal",
            Rule::Mapping => "mapping to version 3",
            Rule::Unmapped => "member without a source",
            Rule::Shared => "shared component",
        }
    }
}
