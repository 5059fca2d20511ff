//! What is taken out of progenitor's requests: work that each request would repeat.
//!
//! Invariant: every change is of a form that progenitor emits today. If it emits
//! another one, this fails with what was not found, and nothing is guessed.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::Parser;
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, ImplItem, ImplItemFn, Item, LitStr, Pat, Stmt};

/// Changes the client and its methods:
///
/// - The base URL is parsed once, and each URL is a copy of it with another path.
/// - The header `api-version` is not added, since the API does not know it.
/// - A body is bytes of JSON.
/// - A method returns the response as it came, whatever its status.
/// - A method's future keeps nothing of what the request was built from: the only hook is
///   `exec`, and the request is built in a block.
/// - A request without a query is made as it is: each call of a builder moves all of it.
pub(super) fn lean(items: &mut [Item]) -> Result<(), String> {
    for item in items {
        BaseUrl.visit_item_mut(item);
        let Item::Impl(block) = item else { continue };
        for member in &mut block.items {
            if let ImplItem::Fn(method) = member
                && method.sig.asyncness.is_some()
            {
                let name = method.sig.ident.to_string();
                request(method).ok_or_else(|| format!("the request `{name}` has another form"))?;
            }
        }
    }
    Ok(())
}

/// `baseurl: String` and how it is made.
struct BaseUrl;

impl VisitMut for BaseUrl {
    fn visit_field_mut(&mut self, field: &mut syn::Field) {
        if field.ident.as_ref().is_some_and(|name| name == "baseurl") {
            field.ty = syn::parse_quote!(::std::sync::Arc<::reqwest::Url>);
        }
    }

    fn visit_fn_arg_mut(&mut self, argument: &mut syn::FnArg) {
        if let syn::FnArg::Typed(typed) = argument
            && matches!(&*typed.pat, Pat::Ident(name) if name.ident == "baseurl")
        {
            typed.ty = syn::parse_quote!(::std::sync::Arc<::reqwest::Url>);
        }
    }

    fn visit_field_value_mut(&mut self, value: &mut syn::FieldValue) {
        if matches!(&value.member, syn::Member::Named(name) if name == "baseurl") {
            *value = syn::parse_quote!(baseurl);
        }
    }
}

fn request(method: &mut ImplItemFn) -> Option<()> {
    method.sig.output = syn::parse_quote!(-> Result<::reqwest::Response, Error<ByteStream>>);
    let block = &mut method.block;
    url(block)?;
    headers(block)?;
    Json.visit_block_mut(block);
    let Some(Stmt::Expr(last @ Expr::Match(_), None)) = block.stmts.last_mut() else {
        return None;
    };
    *last = syn::parse_quote!(Ok(response));
    unhook(block, "self . pre (")?;
    unhook(block, "self . post (")?;
    enclose(block)
}

/// Removes the one call of a hook.
fn unhook(block: &mut Block, call: &str) -> Option<()> {
    let before = block.stmts.len();
    let is_call = |statement: &Stmt| statement.to_token_stream().to_string().starts_with(call);
    block.stmts.retain(|statement| !is_call(statement));
    (block.stmts.len() + 1 == before).then_some(())
}

/// What comes before the request becomes part of its initializer.
fn enclose(block: &mut Block) -> Option<()> {
    let is_request = |statement: &Stmt| {
        matches!(statement, Stmt::Local(syn::Local { pat: Pat::Ident(name), .. })
            if name.ident == "request")
    };
    let at = block.stmts.iter().position(is_request)?;
    let after = block.stmts.split_off(at + 1);
    let Some(Stmt::Local(request)) = block.stmts.pop() else {
        return None;
    };
    let (built, before) = (request.init?.expr, std::mem::take(&mut block.stmts));
    let built = if built.to_token_stream().to_string().contains(". query (") {
        built.to_token_stream()
    } else {
        direct(&built)?
    };
    block.stmts.push(syn::parse_quote! {
        let request = {
            #(#before)*
            #built
        };
    });
    block.stmts.extend(after);
    Some(())
}

/// `self.client.post(url).header(…).body(body).headers(header_map).build()?` becomes the
/// statements that set the same parts of a request.
fn direct(built: &Expr) -> Option<TokenStream> {
    let Expr::Try(built) = built else { return None };
    let (mut call, mut parts) = (&*built.expr, Vec::new());
    let method = loop {
        let Expr::MethodCall(outer) = call else {
            return None;
        };
        let arguments: Vec<_> = outer.args.iter().collect();
        match (outer.method.to_string().as_str(), arguments.as_slice()) {
            ("build", []) => {}
            ("headers", [headers]) => parts.push(quote!(*request.headers_mut() = #headers;)),
            ("header", [name, value]) => {
                parts.push(quote!(request.headers_mut().insert(#name, #value);));
            }
            ("body", [body]) => parts.push(quote!(*request.body_mut() = Some(#body.into());)),
            (verb @ ("get" | "post" | "put" | "patch" | "delete"), [_url]) => {
                break Ident::new(&verb.to_uppercase(), Span::call_site());
            }
            _ => return None,
        }
        call = &outer.receiver;
    };
    // From the last call to the first, because all headers replace earlier ones.
    Some(quote! {
        let mut request = ::reqwest::Request::new(::reqwest::Method::#method, url);
        #(#parts)*
        request
    })
}

/// `format!("{}/vehicles/{}", self.baseurl, encode_path(&id.to_string()))` becomes the
/// parts of the path: text and IDs in turn.
fn url(block: &mut Block) -> Option<()> {
    let local = local(block, "url")?;
    let Expr::Macro(format) = &*local.init.as_ref()?.expr else {
        return None;
    };
    let arguments = syn::punctuated::Punctuated::<Expr, syn::Token![,]>::parse_terminated
        .parse2(format.mac.tokens.clone())
        .ok()?;
    let mut arguments = arguments.into_iter();
    let Expr::Lit(syn::ExprLit {
        lit: syn::Lit::Str(text),
        ..
    }) = arguments.next()?
    else {
        return None;
    };
    arguments.next()?; // The base URL.
    let text = text.value();
    let mut texts = text.strip_prefix("{}")?.split("{}");
    let mut parts = vec![literal(texts.next()?)];
    for text in texts {
        let name = first_name(arguments.next()?.to_token_stream())?;
        parts.push(quote!(#name));
        if !text.is_empty() {
            parts.push(literal(text));
        }
    }
    local.init.as_mut()?.expr =
        syn::parse_quote!(crate::url::with_path(&self.baseurl, &[#(#parts),*]));
    Some(())
}

fn literal(text: &str) -> TokenStream {
    LitStr::new(text, Span::call_site()).to_token_stream()
}

/// `id` in `encode_path(&id.to_string())`.
fn first_name(call: TokenStream) -> Option<TokenTree> {
    let inner = call.into_iter().find_map(|token| match token {
        TokenTree::Group(group) => Some(group.stream()),
        _ => None,
    })?;
    inner
        .into_iter()
        .find(|token| matches!(token, TokenTree::Ident(_)))
}

/// An empty map, without `api-version`.
fn headers(block: &mut Block) -> Option<()> {
    local(block, "header_map")?.init.as_mut()?.expr =
        syn::parse_quote!(::reqwest::header::HeaderMap::new());
    let before = block.stmts.len();
    block.stmts.retain(|statement| {
        !matches!(statement, Stmt::Expr(..))
            || !statement
                .to_token_stream()
                .to_string()
                .contains("\"api-version\"")
    });
    (block.stmts.len() + 1 == before).then_some(())
}

fn local<'b>(block: &'b mut Block, name: &str) -> Option<&'b mut syn::Local> {
    block
        .stmts
        .iter_mut()
        .find_map(|statement| match statement {
            Stmt::Local(local) => {
                matches!(&local.pat, Pat::Ident(ident) if ident.ident == name).then_some(local)
            }
            _ => None,
        })
}

/// The only content type of the API.
struct Json;

impl VisitMut for Json {
    fn visit_lit_str_mut(&mut self, text: &mut LitStr) {
        if text.value() == "application/octet-stream" {
            *text = LitStr::new("application/json", text.span());
        }
        visit_mut::visit_lit_str_mut(self, text);
    }
}
