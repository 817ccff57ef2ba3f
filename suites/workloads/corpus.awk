# Plain text, one paragraph a line, for programs that read text.
# Usage: awk -f random.awk -f corpus.awk -v paragraphs=N

BEGIN {
    seed(19)
    build_words(1500)
    for (i = 0; i < paragraphs; i++) print sentence(5 + skewed(120)) "."
}
