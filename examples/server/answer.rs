//! What the signer reads.

use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use countersign::Error;
use countersign::submission::Outcome;
use countersign::verdict::{Decision, Verdict};
use maud::{DOCTYPE, Markup, html};

use crate::routes::Signed;

/// Nothing was signed; a sentence says why.
pub fn refused(status: StatusCode, why: &str) -> Response {
    let content = html! { p { (why) } };
    (status, page("Not accepted", &content)).into_response()
}

/// Whose fault an error is.
pub fn status(error: &Error) -> StatusCode {
    match error {
        Error::DeviceFailed(_) => StatusCode::INTERNAL_SERVER_ERROR,
        Error::InvalidSubmission(_) => StatusCode::BAD_REQUEST,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

/// What came of a signature that could be read.
pub fn signed(Signed { outcome, repeated }: &Signed) -> Response {
    let (status, title, content) = match outcome {
        Outcome::Unchecked { name } => (
            StatusCode::ACCEPTED,
            "Taken, not checked",
            html! { p { "The name " q { (name) } " was typed instead of a signature. A person has to look at it." } },
        ),
        Outcome::Checked { verdict, browser, .. } => {
            let (status, title) = match verdict.decision {
                Decision::Match if *repeated => (StatusCode::CONFLICT, "Not accepted"),
                Decision::Match => (StatusCode::OK, "Accepted"),
                Decision::Mismatch | Decision::Unsure => (StatusCode::UNPROCESSABLE_ENTITY, "Not accepted"),
            };
            let content = html! {
                @if *repeated && verdict.decision == Decision::Match {
                    p { "This very signature was accepted before: nobody writes twice the same. Sign anew." }
                }
                (numbers(verdict))
                p id="browser" { "The server and the browser: " (browser) "." }
            };
            (status, title, content)
        }
    };
    (status, page(title, &content)).into_response()
}

fn numbers(verdict: &Verdict) -> Markup {
    html! {
        p {
            "The server says " strong { (verdict.decision) } ", log-likelihood ratio "
            (format!("{:+.2}", verdict.llr)) "."
        }
        ul { @for reason in &verdict.reasons { li { (reason.message) } } }
    }
}

fn page(title: &str, content: &Markup) -> Html<String> {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                link rel="icon" href="/favicon.svg" type="image/svg+xml";
                link rel="stylesheet" href="/form.css";
            }
            body { main { h1 { (title) } (content) p { a href="/" { "Back to the form" } } } }
        }
    };
    Html(page.into_string())
}
