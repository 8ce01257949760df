//! What every request has to pass, and what every answer carries.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, REFERRER_POLICY, RETRY_AFTER,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use countersign::submission::MOST_BYTES;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::answer;

/// The longest body: the longest value, of which a form may write each byte as three, as it does where a scan without
/// compression is white (`/` in base64).
pub const MOST_BODY: usize = 3 * MOST_BYTES;

/// So many visitors may send something or wait for their check at once.
const MOST_WAITING: usize = 8;

/// Within this time a body has to have arrived.
const PATIENCE: Duration = Duration::from_secs(20);

/// Nothing from elsewhere, no scripts of the page's own text, no frames, forms to here only.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; \
     style-src 'self'; img-src 'self' blob:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// A place in the queue. Whoever works for the request keeps a copy: a visitor who goes away does not make room
/// before that work is done.
pub type Place = Arc<OwnedSemaphorePermit>;

pub fn queue() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(MOST_WAITING))
}

/// Takes what was sent into memory, within limits of number, size and time; what is only fetched passes.
pub async fn limits(State(queue): State<Arc<Semaphore>>, request: Request, next: Next) -> Response {
    if request.method() != Method::POST {
        return next.run(request).await;
    }
    // a length that is given away spares reading
    if declared(request.headers()).is_some_and(|length| length > MOST_BODY) {
        return too_large();
    }
    let Ok(place) = queue.try_acquire_owned() else {
        let busy = answer::refused(
            StatusCode::SERVICE_UNAVAILABLE,
            "Too many people are signing; try again shortly.",
        );
        return ([(RETRY_AFTER, "5")], busy).into_response();
    };
    let (mut parts, body) = request.into_parts();
    let body = match tokio::time::timeout(PATIENCE, to_bytes(body, MOST_BODY)).await {
        Ok(Ok(bytes)) => Body::from(bytes),
        Ok(Err(_)) => return too_large(),
        Err(_) => return answer::refused(StatusCode::REQUEST_TIMEOUT, "Sending took too long; try again."),
    };
    parts.extensions.insert(Place::new(place));
    next.run(Request::from_parts(parts, body)).await
}

fn declared(headers: &HeaderMap) -> Option<usize> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn too_large() -> Response {
    let most = MOST_BODY >> 20;
    let why = format!(
        "That is more than the {most} MiB that are taken; scale the picture down, or draw the signature."
    );
    answer::refused(StatusCode::PAYLOAD_TOO_LARGE, &why)
}

pub async fn headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-cache"));
    response
}
