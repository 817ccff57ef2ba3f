//! A browser at the other end of `WebDriver`, spoken over plain HTTP.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

/// Chromium under a driver, with a profile of its own; both end with it.
pub(crate) struct Browser {
    driver: Child,
    port: u16,
    session: String,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// Starts one, or says why there is none.
    pub(crate) fn start() -> Option<Self> {
        let mut command = Command::new("chromedriver");
        command.arg("--port=0").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let Ok(mut driver) = command.spawn() else {
            eprintln!("skipped: there is no chromedriver here");
            return None;
        };
        let port = port_of(&mut driver).expect("chromedriver says its port");
        let profile = tempfile::tempdir().unwrap();
        let mut browser = Self { driver, port, session: String::new(), _profile: profile };
        let folder = browser._profile.path().display().to_string();
        let arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--window-size=1280,900",
        ];
        let mut arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        arguments.push(format!("--user-data-dir={folder}"));
        let answer = browser.post(
            "/session",
            &json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": { "args": arguments },
            "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
        } } }),
        );
        let Some(session) = answer["sessionId"].as_str() else {
            eprintln!("skipped: no browser could be started: {}", answer["message"]);
            return None;
        };
        browser.session = format!("/session/{session}");
        Some(browser)
    }

    pub(crate) fn open(&self, page: &Path, hash: &str) {
        // From another page, so that a new hash loads the page anew.
        self.command("/url", &json!({ "url": "about:blank" }));
        self.command("/url", &json!({ "url": format!("file://{}{hash}", page.display()) }));
    }

    /// What a piece of script returns.
    pub(crate) fn run(&self, script: &str) -> Value {
        let value = self.command("/execute/sync", &json!({ "script": script, "args": [] }));
        assert!(value["error"].is_null(), "{script}: {value}");
        value
    }

    /// The same for a script that calls its last argument.
    pub(crate) fn run_async(&self, script: &str) -> Value {
        self.command("/execute/async", &json!({ "script": script, "args": [] }))
    }

    pub(crate) fn text(&self, script: &str) -> String {
        self.run(script).as_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn number(&self, script: &str) -> f64 {
        self.run(script).as_f64().unwrap_or(f64::NAN)
    }

    /// A command of Chromium's own protocol.
    pub(crate) fn cdp(&self, command: &str, parameters: &Value) -> Value {
        self.command("/goog/cdp/execute", &json!({ "cmd": command, "params": parameters }))
    }

    /// As wide as a window or a phone.
    pub(crate) fn resize(&self, width: u32) {
        let size =
            json!({ "width": width, "height": 844, "deviceScaleFactor": 1, "mobile": width < 500 });
        self.cdp("Emulation.setDeviceMetricsOverride", &size);
    }

    pub(crate) fn press(&self, keys: &str) {
        let presses: Vec<Value> = keys
            .chars()
            .flat_map(|key| {
                let key = key.to_string();
                [
                    json!({ "type": "keyDown", "value": key }),
                    json!({ "type": "keyUp", "value": key }),
                ]
            })
            .collect();
        let source = json!({ "type": "key", "id": "keys", "actions": presses });
        self.command("/actions", &json!({ "actions": [source] }));
    }

    pub(crate) fn print(&self) -> String {
        self.command("/print", &json!({ "orientation": "landscape" }))
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// What the console said, warnings and errors.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let log = self.command("/se/log", &json!({ "type": "browser" }));
        let log = log.as_array().cloned().unwrap_or_default();
        log.iter().map(|entry| entry["message"].to_string()).collect()
    }

    /// Addresses that were asked for.
    pub(crate) fn requests(&self) -> Vec<String> {
        let log = self.command("/se/log", &json!({ "type": "performance" }));
        let events = log.as_array().cloned().unwrap_or_default();
        events
            .iter()
            .filter_map(|entry| serde_json::from_str::<Value>(entry["message"].as_str()?).ok())
            .filter(|event| event["message"]["method"] == "Network.requestWillBeSent")
            .filter_map(|it| Some(it["message"]["params"]["request"]["url"].as_str()?.to_owned()))
            .collect()
    }

    fn command(&self, path: &str, body: &Value) -> Value {
        self.post(&format!("{}{path}", self.session), body)
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        self.request("POST", path, &body.to_string())
            .unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    fn request(&self, method: &str, path: &str, body: &str) -> std::io::Result<Value> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )?;
        let mut reader = BufReader::new(stream);
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            let line = line.trim().to_ascii_lowercase();
            if let Some(text) = line.strip_prefix("content-length:") {
                length = text.trim().parse().unwrap_or(0);
            }
            if line.is_empty() {
                break;
            }
        }
        let mut bytes = vec![0; length];
        reader.read_exact(&mut bytes)?;
        let answer: Value = serde_json::from_slice(&bytes)?;
        Ok(answer["value"].clone())
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() {
            let _ = self.request("DELETE", &self.session, "");
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// The port that the driver chose, from what it prints.
fn port_of(driver: &mut Child) -> Option<u16> {
    let mut output = BufReader::new(driver.stdout.take()?);
    loop {
        let mut line = String::new();
        if output.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if let Some((_, port)) = line.split_once("started successfully on port ") {
            // What it says later must find a reader.
            std::thread::spawn(move || std::io::copy(&mut output, &mut std::io::sink()));
            return port.trim().trim_end_matches('.').parse().ok();
        }
    }
}
