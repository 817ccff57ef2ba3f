//! How strongly a figure is tinted: the best are strongest, so that the eye finds them first.

/// Class of a ratio to the best, which is 1.
pub(crate) fn ratio(ratio: f64) -> &'static str {
    match ratio {
        r if r <= 1.03 => "q0",
        r if r <= 1.15 => "q1",
        r if r <= 1.5 => "q2",
        r if r <= 2.5 => "q3",
        r if r <= 5.0 => "q4",
        _ => "q5",
    }
}

/// Class of a share of a whole, strongest for 1.
pub(crate) fn share(share: f64) -> &'static str {
    match share {
        s if s <= 0.0 => "h0",
        s if s < 0.01 => "h1",
        s if s < 0.05 => "h2",
        s if s < 0.15 => "h3",
        s if s < 0.4 => "h4",
        _ => "h5",
    }
}
