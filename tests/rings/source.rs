//! A crate's modules as written: what each defines, and the paths it contains.
//!
//! Invariant: nothing is resolved here, and code that is built only for tests is
//! skipped.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{
    Attribute, Expr, ImplItemFn, Item, ItemMod, ItemUse, Lit, Macro, Meta, UseTree, Visibility,
};

/// The segments of a path.
pub(crate) type Segments = Vec<String>;

/// Macros whose tokens are code for another place.
const QUOTES: [&str; 4] = ["format_ident", "parse_quote", "quote", "quote_spanned"];

/// All modules by path; the root has an empty path.
#[derive(Debug, Default)]
pub(crate) struct Crate(pub(crate) BTreeMap<Segments, Module>);

/// One module, or several with the same path of which only one is built.
#[derive(Debug, Default)]
pub(crate) struct Module {
    /// The module of its file, if it is declared inline in another module.
    pub(crate) file: Segments,
    pub(crate) is_generated: bool,
    pub(crate) defined: BTreeSet<String>,
    /// The target of each imported name.
    pub(crate) imported: BTreeMap<String, Segments>,
    /// The modules or enums imported with a glob.
    pub(crate) globs: Vec<Segments>,
    /// Paths in imports and in code.
    pub(crate) paths: BTreeSet<Segments>,
}

impl Crate {
    /// Reads the module in this file and all modules below it.
    pub(crate) fn read(root: &Path) -> Self {
        let mut all = Self::default();
        all.file(root, Vec::new(), root.parent().unwrap());
        all
    }

    /// Reads a file. Its modules without a `#[path]` are in the folder.
    fn file(&mut self, file: &Path, at: Segments, folder: &Path) {
        let text = fs::read_to_string(file).unwrap();
        let parsed = syn::parse_file(&text).unwrap();
        let module = self.0.entry(at.clone()).or_default();
        module.file.clone_from(&at);
        module.is_generated = file.iter().any(|part| part == "generated");
        Reader {
            all: self,
            at,
            beside: file.parent().unwrap(),
            folder: folder.to_path_buf(),
        }
        .items(&parsed.items);
    }
}

struct Reader<'a> {
    all: &'a mut Crate,
    at: Segments,
    /// The folder of the file.
    beside: &'a Path,
    /// The folder of its submodules.
    folder: PathBuf,
}

impl Reader<'_> {
    fn module(&mut self) -> &mut Module {
        self.all.0.get_mut(&self.at).unwrap()
    }

    fn child(&self, name: &str) -> Segments {
        let mut at = self.at.clone();
        at.push(name.to_owned());
        at
    }

    /// Reads the items of a module, not those inside a function.
    fn items(&mut self, items: &[Item]) {
        for item in items {
            let name = match item {
                Item::Const(item) => Some(&item.ident),
                Item::Enum(item) => Some(&item.ident),
                Item::Fn(item) => Some(&item.sig.ident),
                Item::Macro(item) => item.ident.as_ref(),
                Item::Static(item) => Some(&item.ident),
                Item::Struct(item) => Some(&item.ident),
                Item::Trait(item) => Some(&item.ident),
                Item::Type(item) => Some(&item.ident),
                _ => None,
            };
            self.module().defined.extend(name.map(ToString::to_string));
            self.visit_item(item);
        }
    }

    fn import(&mut self, mut before: Segments, tree: &UseTree) {
        match tree {
            UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.import(before, &path.tree);
            }
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.import(before.clone(), tree);
                }
            }
            UseTree::Glob(_) => self.module().globs.push(before),
            UseTree::Name(_) | UseTree::Rename(_) => {
                let (name, known_as) = match tree {
                    UseTree::Rename(two) => (two.ident.to_string(), two.rename.to_string()),
                    UseTree::Name(one) => (one.ident.to_string(), one.ident.to_string()),
                    _ => unreachable!("matched above"),
                };
                if name != "self" {
                    before.push(name);
                }
                let known_as = match known_as.as_str() {
                    "self" => before.last().cloned().unwrap_or_default(),
                    // A trait imported as `_` still counts.
                    "_" => before.join("::"),
                    _ => known_as,
                };
                self.path(before.clone());
                self.module().imported.insert(known_as, before);
            }
        }
    }

    /// Collects the paths in tokens that only a macro parses.
    fn tokens(&mut self, tokens: &TokenStream, has_text: bool) {
        let mut flat = Vec::new();
        flatten(tokens, has_text, &mut flat);
        let text = flat.join(" ");
        let text = text.replace(" : : ", "::").replace("$ crate", "$crate");
        for word in text.split_whitespace() {
            self.path(word.split("::").map(str::to_owned).collect());
        }
    }

    fn path(&mut self, path: Segments) {
        if path.len() > 1 {
            self.module().paths.insert(path);
        }
    }

    /// Reads the module `name` from its file, or from one of the possible files.
    fn below(&mut self, name: &str, attributes: &[Attribute]) {
        let named = attributes
            .iter()
            .find_map(|attribute| match &attribute.meta {
                Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
                    Expr::Lit(value) => match &value.lit {
                        Lit::Str(path) => Some(path.value()),
                        _ => None,
                    },
                    _ => None,
                },
                _ => None,
            });
        let file = match named {
            Some(path) => self.beside.join(path),
            None => self.folder.join(format!("{name}.rs")),
        };
        let (file, folder) = if file.exists() {
            let folder = file.with_extension("");
            (file, folder)
        } else {
            let folder = self.folder.join(name);
            (folder.join("mod.rs"), folder)
        };
        let at = self.child(name);
        self.all.file(&file, at, &folder);
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        let attributes = match item {
            Item::Const(item) => &item.attrs,
            Item::Enum(item) => &item.attrs,
            Item::Fn(item) => &item.attrs,
            Item::Impl(item) => &item.attrs,
            Item::Macro(item) => &item.attrs,
            Item::Mod(item) => &item.attrs,
            Item::Static(item) => &item.attrs,
            Item::Struct(item) => &item.attrs,
            Item::Trait(item) => &item.attrs,
            Item::Type(item) => &item.attrs,
            Item::Use(item) => &item.attrs,
            _ => return,
        };
        if !is_for_tests(attributes) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        if !is_for_tests(&item.attrs) {
            visit::visit_impl_item_fn(self, item);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        let name = item.ident.to_string();
        let Some((_, items)) = &item.content else {
            self.below(&name, &item.attrs);
            return;
        };
        let at = self.child(&name);
        let (file, is_generated) = (self.module().file.clone(), self.module().is_generated);
        let module = self.all.0.entry(at.clone()).or_default();
        (module.file, module.is_generated) = (file, is_generated);
        let folder = self.folder.join(&name);
        Reader {
            all: self.all,
            at,
            beside: self.beside,
            folder,
        }
        .items(items);
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        let outside = item.leading_colon.map(|_| "::".to_owned());
        self.import(outside.into_iter().collect(), &item.tree);
    }

    fn visit_visibility(&mut self, _: &'ast Visibility) {}

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if let Meta::List(list) = &attribute.meta {
            self.tokens(&list.tokens, true);
        }
    }

    fn visit_macro(&mut self, called: &'ast Macro) {
        self.visit_path(&called.path);
        if !QUOTES.iter().any(|name| called.path.is_ident(name)) {
            self.tokens(&called.tokens, false);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none() {
            let segments = path.segments.iter().map(|one| one.ident.to_string());
            self.path(segments.collect());
        }
        visit::visit_path(self, path);
    }
}

/// Flattens the tokens and skips quoted code. Strings are included only where they
/// can be paths, as in an attribute.
fn flatten(tokens: &TokenStream, has_text: bool, row: &mut Vec<String>) {
    for token in tokens.clone() {
        match token {
            TokenTree::Group(group) => {
                let called = row.len().checked_sub(2).map(|at| row[at].as_str());
                let is_quote = row.last().is_some_and(|last| last == "!")
                    && called.is_some_and(|name| QUOTES.contains(&name));
                row.push("(".to_owned());
                if !is_quote {
                    flatten(&group.stream(), has_text, row);
                }
                row.push(")".to_owned());
            }
            TokenTree::Literal(text) if has_text => {
                let text = text.to_string();
                let text = text.trim_matches('"');
                if text.contains("::") && !text.contains(' ') {
                    // If a module is named, some item of it is used.
                    row.push(format!("{text}::*"));
                }
            }
            TokenTree::Literal(_) => row.push("0".to_owned()),
            other => row.push(other.to_string()),
        }
    }
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) if list.path.is_ident("cfg") => {
            let tokens = list.tokens.to_string();
            tokens == "test" || tokens.starts_with("all (test")
        }
        _ => false,
    })
}
