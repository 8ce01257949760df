//! The built page, read once: nothing else of the disk can be asked for.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use axum::body::Bytes;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use countersign::{Error, Result};

/// Without this one there is nothing to serve.
const ELEMENT: &str = "/countersign-element.js";

/// Files by their path in an address.
#[derive(Clone)]
pub struct Files(Arc<HashMap<String, Bytes>>);

impl Files {
    /// Reads a folder with all that is in it.
    pub fn read(folder: &Path) -> Result<Self> {
        let mut files = HashMap::new();
        if folder.is_dir() {
            add(folder, "", &mut files)?;
        }
        if !files.contains_key(ELEMENT) {
            return Err(Error::file(folder, "holds no built page; start the server with ./build.sh server"));
        }
        Ok(Self(Arc::new(files)))
    }

    pub fn answer(&self, path: &str) -> Response {
        match self.0.get(path) {
            Some(bytes) => ([(CONTENT_TYPE, kind(path))], bytes.clone()).into_response(),
            None => (StatusCode::NOT_FOUND, "There is no such file.").into_response(),
        }
    }
}

fn add(folder: &Path, prefix: &str, files: &mut HashMap<String, Bytes>) -> Result<()> {
    let wrong = |error: std::io::Error| Error::file(folder, error);
    for entry in std::fs::read_dir(folder).map_err(wrong)? {
        let path = entry.map_err(wrong)?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        let address = format!("{prefix}/{name}");
        if path.is_dir() {
            add(&path, &address, files)?;
        } else {
            let bytes = std::fs::read(&path).map_err(|error| Error::file(&path, error))?;
            files.insert(address, bytes.into());
        }
    }
    Ok(())
}

/// What a build of the page consists of.
fn kind(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("js") => "text/javascript",
        Some("css") => "text/css",
        Some("html") => "text/html; charset=utf-8",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("wasm") => "application/wasm",
        _ => "application/octet-stream",
    }
}
