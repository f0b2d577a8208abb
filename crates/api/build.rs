//! Puts the web app's files into the binary: compressed, and with their hashes. Without a built web app, one page says
//! how to build it in what developers compile (a fresh clone, a check of the Rust code); what is deployed isn't built.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

const PLACEHOLDER: &str = "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>Video on demand</title>\n\
    <h1>The web app is not part of this build</h1>\n\
    <p>Build it with <code>make web</code>, then build the functions again with <code>make build</code>.</p>\n</html>\n";

/// Highest level of Brotli; every byte less is a byte less for each first visit.
const BROTLI_QUALITY: i32 = 11;

fn main() -> io::Result<()> {
    let root = variable("CARGO_MANIFEST_DIR")?;
    let out = variable("OUT_DIR")?;
    let dist = root.join("web/dist");
    println!("cargo::rerun-if-changed=build.rs");
    // Cargo looks at a folder that exists; one that doesn't would make every build a new one.
    let _ = fs::create_dir_all(&dist);
    println!("cargo::rerun-if-changed={}", dist.display());

    let mut files = Vec::new();
    collect(&dist, &dist, &mut files)?;
    if !files.iter().any(|(path, _)| path == "index.html") {
        // Cargo's word for every profile that inherits from it; `sam build` compiles so.
        if std::env::var("PROFILE").as_deref() == Ok("release") {
            return Err(io::Error::other(
                "the web app is not built, so this function would serve none; use `make deploy`, or run `make web` before \
                 `sam build`",
            ));
        }
        files = vec![("index.html".to_owned(), PLACEHOLDER.into())];
    }
    files.sort();
    let mut table = "static FILES: &[File] = &[\n".to_owned();
    for (index, (path, content)) in files.iter().enumerate() {
        let plain = out.join(format!("web-{index}"));
        fs::write(&plain, content)?;
        let gzip = smaller(
            &out.join(format!("web-{index}.gz")),
            content,
            gzip(content)?,
        )?;
        let brotli = smaller(
            &out.join(format!("web-{index}.br")),
            content,
            brotli(content)?,
        )?;
        let hash: String =
            Sha256::digest(content)
                .iter()
                .take(8)
                .fold(String::new(), |mut hex, byte| {
                    let _ = write!(hex, "{byte:02x}");
                    hex
                });
        let _ = writeln!(
            table,
            "    File {{ path: {path:?}, content_type: {:?}, hash: {hash:?}, plain: include_bytes!({:?}), \
             gzip: {gzip}, brotli: {brotli} }},",
            content_type(path),
            plain.to_string_lossy()
        );
    }
    table.push_str("];\n");
    fs::write(out.join("web_files.rs"), table)
}

fn variable(name: &str) -> io::Result<PathBuf> {
    std::env::var_os(name)
        .map(PathBuf::from)
        .ok_or_else(|| io::Error::other(format!("{name} is not set")))
}

/// Every file below `folder`, by its path from `root`. Source maps are for developers.
fn collect(root: &Path, folder: &Path, files: &mut Vec<(String, Vec<u8>)>) -> io::Result<()> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Ok(());
    };
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            collect(root, &path, files)?;
        } else if path.extension().is_none_or(|extension| extension != "map") {
            let name = path.strip_prefix(root).map_err(io::Error::other)?;
            let name = name
                .to_str()
                .ok_or_else(|| io::Error::other("a file's name is not UTF-8"))?;
            files.push((name.replace('\\', "/"), fs::read(&path)?));
        }
    }
    Ok(())
}

fn gzip(content: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content)?;
    encoder.finish()
}

fn brotli(content: &[u8]) -> io::Result<Vec<u8>> {
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: BROTLI_QUALITY,
        ..Default::default()
    };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &content[..], &mut compressed, &parameters)?;
    Ok(compressed)
}

/// Rust for an optional form of a file: it exists where it saves at least a tenth, which pictures never do.
fn smaller(path: &Path, content: &[u8], compressed: Vec<u8>) -> io::Result<String> {
    if compressed.len() * 10 > content.len() * 9 {
        return Ok("None".to_owned());
    }
    fs::write(path, compressed)?;
    Ok(format!(
        "Some(include_bytes!({:?}))",
        path.to_string_lossy()
    ))
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "wasm" => "application/wasm",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
