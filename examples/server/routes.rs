//! The form, the enrolled template, and what was signed.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::FormRejection;
use axum::extract::{DefaultBodyLimit, Extension, Form, State};
use axum::http::header::{CONTENT_TYPE, HeaderMap};
use axum::http::{StatusCode, Uri};
use axum::middleware;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use countersign::checker::Checker;
use countersign::submission::{self, Outcome, Submission};
use countersign::template::Template;
use countersign::verdict::{Decision, Policy};
use countersign::{Error, Result};
use serde::Deserialize;

use crate::answer;
use crate::files::Files;
use crate::guard::{self, Place};

const BYTES: &str = "application/octet-stream";

/// What the server knows.
pub struct Site {
    /// One check at a time: it has all cores to itself.
    checker: Mutex<Checker>,
    model: String,
    policy: Policy,
    /// What the signer enrolled; set once, so that nobody else takes the signer's place.
    template: OnceLock<Vec<u8>>,
    /// Fingerprints of what was accepted: a signature that comes a second time is a copy.
    accepted: Mutex<HashSet<String>>,
}

impl Site {
    pub fn new(checker: Checker, enrolled: Option<Vec<u8>>, policy: Policy) -> Self {
        let model = checker.manifest().id().to_owned();
        let template = enrolled.map_or_else(OnceLock::new, OnceLock::from);
        Self { checker: Mutex::new(checker), model, policy, template, accepted: Mutex::default() }
    }

    /// Checks a submitted value; takes a tenth of a second of all cores.
    fn verify(&self, value: &str) -> Result<Signed> {
        let submission = Submission::parse(value.as_bytes())?;
        let template = self.template.get().ok_or(Error::InvalidTemplate("nobody has enrolled yet".into()))?;
        let template = Template::from_bytes(template)?;
        // a check that panicked has left the checker as it was
        let checker = self.checker.lock().unwrap_or_else(PoisonError::into_inner);
        let outcome = pollster::block_on(submission::verify(&checker, &template, &submission, &self.policy))?;
        drop(checker);
        let repeated = match &outcome {
            Outcome::Checked { verdict, fingerprint, .. } if verdict.decision == Decision::Match => {
                let mut accepted = self.accepted.lock().unwrap_or_else(PoisonError::into_inner);
                !accepted.insert(fingerprint.clone())
            }
            _ => false,
        };
        Ok(Signed { outcome, repeated })
    }
}

/// What a signed form turned out to be.
pub struct Signed {
    pub outcome: Outcome,
    /// The same signature was accepted before.
    pub repeated: bool,
}

/// What the form sends.
#[derive(Deserialize)]
struct Contract {
    signature: Option<String>,
}

pub fn router(site: Arc<Site>, files: Files) -> Router {
    Router::new()
        .route("/", get(|| async { Html(include_str!("form.html")) }))
        .route("/form.js", get(|| async { ([(CONTENT_TYPE, "text/javascript")], include_str!("form.js")) }))
        .route("/form.css", get(|| async { ([(CONTENT_TYPE, "text/css")], include_str!("form.css")) }))
        .route("/template", get(template).post(enrol))
        .route("/sign", post(sign))
        .fallback(get(move |uri: Uri| async move { files.answer(uri.path()) }))
        // the guard has read the body, and knows a limit of its own
        .layer(DefaultBodyLimit::disable())
        .layer(middleware::from_fn_with_state(guard::queue(), guard::limits))
        .layer(middleware::map_response(guard::headers))
        .with_state(site)
}

/// The field compares with this before it lets a form go.
async fn template(State(site): State<Arc<Site>>) -> Response {
    match site.template.get() {
        Some(bytes) => ([(CONTENT_TYPE, BYTES)], bytes.clone()).into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    }
}

/// Takes the signer's template, once. A page of another site cannot send this type without being asked first.
async fn enrol(State(site): State<Arc<Site>>, headers: HeaderMap, body: Bytes) -> Response {
    if headers.get(CONTENT_TYPE).is_none_or(|kind| kind != BYTES) {
        return answer::refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, "A template is sent as bytes.");
    }
    match Template::from_bytes(&body) {
        Err(error) => answer::refused(StatusCode::BAD_REQUEST, &error.to_string()),
        Ok(template) if template.model != site.model => {
            let error = Error::TemplateModel { template: template.model, loaded: site.model.clone() };
            answer::refused(StatusCode::BAD_REQUEST, &error.to_string())
        }
        Ok(_) => match site.template.set(body.into()) {
            Ok(()) => StatusCode::NO_CONTENT.into_response(),
            Err(_) => answer::refused(StatusCode::CONFLICT, "Somebody has enrolled already."),
        },
    }
}

/// Answers the form.
async fn sign(
    State(site): State<Arc<Site>>,
    Extension(place): Extension<Place>,
    form: std::result::Result<Form<Contract>, FormRejection>,
) -> Response {
    let value = match form {
        Ok(Form(Contract { signature: Some(value) })) => value,
        Ok(_) => return answer::refused(StatusCode::UNPROCESSABLE_ENTITY, "The signature is missing."),
        Err(error) => return answer::refused(error.status(), &error.body_text()),
    };
    let work = tokio::task::spawn_blocking(move || {
        let signed = site.verify(&value);
        drop(place);
        signed
    });
    match work.await {
        Ok(Ok(signed)) => answer::signed(&signed),
        Ok(Err(error)) => answer::refused(answer::status(&error), &error.to_string()),
        Err(_) => answer::refused(StatusCode::INTERNAL_SERVER_ERROR, "The check broke down; try again."),
    }
}
