//! Small models of what programs do: growing buffers, a server, a cache of keys and values.

use super::emitter::{Emitter, Stop};
use super::parameters::Values;
use super::random::{Random, Sizes};

/// One buffer grows by a factor, anew and then freeing the old one, and a small block stays behind
/// each time; so no hole is ever large enough for the next one.
pub(super) fn ratchet(
    values: &Values,
    random: &mut Random,
    emitter: &mut Emitter<'_>,
) -> Result<(), Stop> {
    let (least, most) = (values.get("min_size"), values.get("max_size"));
    let growth = values.get("growth_percent");
    let small = Sizes::log_uniform(1, values.get("small_size"));
    loop {
        let mut left_behind = Vec::new();
        let mut size = least;
        let mut buffer = emitter.allocate(size)?;
        while size < most {
            left_behind.push(emitter.allocate(small.draw(random))?);
            let more = u128::from(size) * u128::from(growth) / 100;
            size = size.saturating_add(u64::try_from(more).unwrap_or(u64::MAX).max(1)).min(most);
            let larger = emitter.allocate(size)?;
            emitter.free(buffer)?;
            buffer = larger;
        }
        emitter.free(buffer)?;
        random.shuffle(&mut left_behind);
        for slot in left_behind {
            emitter.free(slot)?;
        }
    }
}

/// Requests come and go with buffers of their own, and some leave an entry in a cache that evicts
/// at random.
pub(super) fn server(
    values: &Values,
    random: &mut Random,
    emitter: &mut Emitter<'_>,
) -> Result<(), Stop> {
    let buffers = Sizes::log_uniform(values.get("min_size"), values.get("max_size"));
    let nodes = Sizes::uniform(24, 96);
    let (connections, entries) = (values.get("connections"), values.get("cache_entries"));
    let mut open: Vec<Vec<u32>> = Vec::new();
    let mut cache: Vec<(u32, u32)> = Vec::new();
    loop {
        if open.len() as u64 >= connections {
            let ended = open.swap_remove(random.index(open.len()));
            for slot in ended.into_iter().rev() {
                emitter.free(slot)?;
            }
        }
        let mut request = vec![emitter.allocate(512)?];
        for _ in 0..random.range(1, 6) {
            request.push(emitter.allocate(nodes.draw(random))?);
        }
        request.push(emitter.allocate(buffers.draw(random))?);
        open.push(request);
        if random.chance(25) {
            if cache.len() as u64 >= entries {
                let (node, value) = cache.swap_remove(random.index(cache.len()));
                emitter.free(value)?;
                emitter.free(node)?;
            }
            cache.push((emitter.allocate(64)?, emitter.allocate(buffers.draw(random))?));
        }
    }
}

/// Sequences of tokens: a prompt of random length, then growth by one page of tokens at a time until
/// the sequence ends.
pub(super) fn kv_cache(
    values: &Values,
    random: &mut Random,
    emitter: &mut Emitter<'_>,
) -> Result<(), Stop> {
    let prompts = Sizes::log_uniform(1, values.get("max_prompt_tokens"));
    let (token, page) = (values.get("token_size"), values.get("page_tokens"));
    let answers = values.get("answer_pages");
    let bytes = |pages: u64| pages.saturating_mul(page).saturating_mul(token);
    let mut sequences: Vec<(u32, u64)> = Vec::new();
    loop {
        if (sequences.len() as u64) < values.get("live") {
            let pages = prompts.draw(random).div_ceil(page);
            sequences.push((emitter.allocate(bytes(pages))?, pages));
        }
        let chosen = random.index(sequences.len());
        // One in `answers` steps ends a sequence, so answers have that many pages on average.
        if random.below(answers) == 0 {
            let (slot, _) = sequences.swap_remove(chosen);
            emitter.free(slot)?;
        } else {
            let (slot, pages) = &mut sequences[chosen];
            *pages = pages.saturating_add(1);
            emitter.resize(*slot, bytes(*pages))?;
        }
    }
}

/// Growing vectors: each starts small and is resized to about half as much again, now and then cut
/// back to what it needs, and replaced by a new one once it is long.
pub(super) fn resize_heavy(
    values: &Values,
    random: &mut Random,
    emitter: &mut Emitter<'_>,
) -> Result<(), Stop> {
    let (least, most) = (values.get("min_size"), values.get("max_size"));
    let starts = Sizes::log_uniform(least, most);
    let percent = values.get("resize_percent");
    let mut vectors: Vec<(u32, u64)> = Vec::new();
    loop {
        if (vectors.len() as u64) < values.get("live") {
            let size = starts.draw(random).isqrt().max(least);
            vectors.push((emitter.allocate(size)?, size));
            continue;
        }
        let chosen = random.index(vectors.len());
        let (slot, size) = vectors[chosen];
        if size >= most || !random.chance(percent) {
            vectors.swap_remove(chosen);
            emitter.free(slot)?;
            continue;
        }
        let size = if random.chance(10) {
            (size - size / 3).max(least)
        } else {
            size.saturating_add(size / 2 + 1).min(most)
        };
        vectors[chosen].1 = size;
        emitter.resize(slot, size)?;
    }
}
