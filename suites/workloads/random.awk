# Pseudorandom numbers that mean the same in every awk: the minimal standard generator of Park and Miller.
# All products stay below 2^46, so doubles hold them exactly.

function seed(value) { state = value % 2147483647; if (state <= 0) state += 2147483646 }

# A whole number from 0 to limit - 1.
function pick(limit) { state = (state * 16807) % 2147483647; return state % limit }

# Small numbers often, large ones seldom: the product of two picks.
function skewed(limit) { return int(pick(limit) * pick(limit) / limit) }

function build_words(count,    i, syllables, parts, length_, j) {
    parts = split("ka lo mi re su ta ne vo di pa ri el an or us im ter con pre al", syllables, " ")
    for (i = 0; i < count; i++) {
        words[i] = ""
        length_ = 1 + pick(4)
        for (j = 0; j < length_; j++) words[i] = words[i] syllables[1 + pick(parts)]
    }
    word_count = count
}

function word() { return words[skewed(word_count)] }

function sentence(length_,    i, text) {
    text = word()
    for (i = 1; i < length_; i++) text = text " " word()
    return text
}
