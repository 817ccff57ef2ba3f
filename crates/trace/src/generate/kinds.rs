//! The table of all kinds.

use super::parameters::{GeneratorInfo, ParameterInfo};
use super::{churn, holes, phases, programs};

/// No trace is longer; more would never end.
const MAX_OPERATIONS: u64 = 1 << 40;

/// Keeps slots below 2^32 with room to spare.
const MAX_BLOCKS: u64 = 1 << 30;

/// Sums of sizes stay far from 2^64.
const MAX_SIZE: u64 = 1 << 40;

const fn number(name: &'static str, default: u64, min: u64, help: &'static str) -> ParameterInfo {
    ParameterInfo { name, unit: "", default, min, max: MAX_BLOCKS, help }
}

const fn bytes(name: &'static str, default: u64, help: &'static str) -> ParameterInfo {
    ParameterInfo { name, unit: "bytes", default, min: 1, max: MAX_SIZE, help }
}

const fn percent(name: &'static str, default: u64, help: &'static str) -> ParameterInfo {
    ParameterInfo { name, unit: "%", default, min: 1, max: 100, help }
}

const fn operations(default: u64) -> ParameterInfo {
    ParameterInfo {
        name: "operations",
        unit: "operations",
        default,
        min: 0,
        max: MAX_OPERATIONS,
        help: "length of the trace, the setup included",
    }
}

const SEED: ParameterInfo = ParameterInfo {
    name: "seed",
    unit: "",
    default: 1,
    min: 0,
    max: u64::MAX,
    help: "start of the random stream",
};

const fn live(default: u64) -> ParameterInfo {
    ParameterInfo { unit: "blocks", ..number("live", default, 1, "live blocks to keep up") }
}

const fn holes(default: u64) -> ParameterInfo {
    ParameterInfo { unit: "holes", ..number("holes", default, 0, "holes low in the heap") }
}

const fn min_size(default: u64) -> ParameterInfo {
    bytes("min_size", default, "least size of a request")
}

const fn max_size(default: u64) -> ParameterInfo {
    bytes("max_size", default, "greatest size of a request")
}

const fn hole_size(default: u64) -> ParameterInfo {
    bytes("hole_size", default, "size of each hole and of the blocks between them")
}

const MILLION: ParameterInfo = operations(1_000_000);

/// All kinds, the general ones first.
pub(super) const KINDS: &[GeneratorInfo] = &[
    GeneratorInfo {
        kind: "uniform",
        summary: "random turnover at a steady number of blocks, all sizes equally likely",
        parameters: &[MILLION, SEED, live(20_000), min_size(16), max_size(1024)],
        run: churn::uniform,
    },
    GeneratorInfo {
        kind: "log-uniform",
        summary: "random turnover at a steady number of blocks, all factors of size equally likely",
        parameters: &[MILLION, SEED, live(20_000), min_size(16), max_size(65_536)],
        run: churn::log_uniform,
    },
    GeneratorInfo {
        kind: "phases",
        summary: "ramps, plateaus and peaks, each phase with sizes of its own",
        parameters: &[MILLION, SEED, live(20_000), min_size(16), max_size(16_384)],
        run: phases::phases,
    },
    GeneratorInfo {
        kind: "adversary",
        summary: "tiny holes low in the heap, in the way of linear searches, then small turnover",
        parameters: ADVERSARY,
        run: holes::adversary,
    },
    GeneratorInfo {
        kind: "fifo",
        summary: "steady turnover, the oldest block is freed first",
        parameters: &[MILLION, SEED, live(20_000), min_size(16), max_size(65_536)],
        run: churn::fifo,
    },
    GeneratorInfo {
        kind: "ratchet",
        summary: "a buffer that outgrows every hole it left, small blocks in between",
        parameters: &[
            operations(100_000),
            SEED,
            min_size(64),
            max_size(16 << 20),
            percent("growth_percent", 10, "growth of the buffer at each step"),
            bytes("small_size", 64, "greatest size of the blocks that stay behind"),
        ],
        run: programs::ratchet,
    },
    GeneratorInfo {
        kind: "server",
        summary: "requests with short-lived buffers, and a cache that lives long",
        parameters: &[
            MILLION,
            SEED,
            number("connections", 200, 1, "requests that are open at a time"),
            number("cache_entries", 5_000, 1, "entries that the cache keeps"),
            min_size(128),
            max_size(65_536),
        ],
        run: programs::server,
    },
    GeneratorInfo {
        kind: "kv-cache",
        summary: "token sequences of a language model, growing page by page",
        parameters: &[
            operations(200_000),
            SEED,
            live(64),
            number("max_prompt_tokens", 8192, 1, "longest prompt"),
            number("page_tokens", 16, 1, "tokens that a sequence grows by"),
            bytes("token_size", 4096, "bytes of one token's keys and values"),
            number("answer_pages", 32, 1, "pages that an answer has on average"),
        ],
        run: programs::kv_cache,
    },
    GeneratorInfo {
        kind: "resize-heavy",
        summary: "vectors that grow by half, sometimes shrink, and are replaced",
        parameters: &[
            operations(500_000),
            SEED,
            live(5_000),
            min_size(16),
            max_size(65_536),
            percent("resize_percent", 80, "steps that resize instead of replacing"),
        ],
        run: programs::resize_heavy,
    },
    GeneratorInfo {
        kind: "random-walk",
        summary: "as log-uniform, but a coin decides whether the next step frees or allocates",
        parameters: &[MILLION, SEED, live(20_000), min_size(16), max_size(65_536)],
        run: churn::random_walk,
    },
    GeneratorInfo {
        kind: "s1",
        summary: "preset: log-uniform 16 bytes to 64 KiB, 20,000 live",
        parameters: &[MILLION, SEED, live(20_000), min_size(16), max_size(65_536)],
        run: churn::log_uniform,
    },
    GeneratorInfo {
        kind: "s2",
        summary: "preset: log-uniform 16 bytes to 64 KiB, 200,000 live",
        parameters: &[operations(2_000_000), SEED, live(200_000), min_size(16), max_size(65_536)],
        run: churn::log_uniform,
    },
    GeneratorInfo {
        kind: "s3",
        summary: "preset: log-uniform 16 to 512 bytes, 1,000 live",
        parameters: &[MILLION, SEED, live(1_000), min_size(16), max_size(512)],
        run: churn::log_uniform,
    },
    GeneratorInfo {
        kind: "s4",
        summary: "preset: 100,000 holes of 16 bytes, then 1,000 live blocks of 64 bytes",
        parameters: ADVERSARY,
        run: holes::adversary,
    },
    GeneratorInfo {
        kind: "s4b",
        summary: "preset: 100,000 holes of 16 bytes, then the mix of s3",
        parameters: &[
            MILLION,
            SEED,
            holes(100_000),
            hole_size(16),
            live(1_000),
            min_size(16),
            max_size(512),
        ],
        run: holes::adversary,
    },
    GeneratorInfo {
        kind: "s5",
        summary: "preset: 100,000 holes that lengthen with their address, then 1,000 live",
        parameters: &[
            MILLION,
            SEED,
            holes(100_000),
            bytes("min_hole_size", 16, "length of the lowest hole, and of the blocks between them"),
            bytes("max_hole_size", 16_384, "length of the highest hole"),
            live(1_000),
            min_size(16),
            max_size(16_384),
        ],
        run: holes::rising,
    },
    GeneratorInfo {
        kind: "s6",
        summary: "preset: 99,000 holes of 16 bytes, filled again one by one",
        parameters: &[operations(396_000), SEED, holes(99_000), hole_size(16)],
        run: holes::refill,
    },
];

const ADVERSARY: &[ParameterInfo] =
    &[MILLION, SEED, holes(100_000), hole_size(16), live(1_000), min_size(64), max_size(64)];
