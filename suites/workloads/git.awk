# One stream for `git fast-import`: a history in which some files of a small tree change at every commit.
# Usage: awk -f random.awk -f git.awk -v commits=N

function blob(file,    i, text) {
    text = ""
    for (i = 0; i < line_count[file]; i++) text = text lines[file, i] "\n"
    return text
}

function change(file,    i, at) {
    for (i = 0; i < 3; i++) {
        at = pick(line_count[file])
        lines[file, at] = sentence(3 + pick(9))
    }
    for (i = 0; i < 2; i++) lines[file, line_count[file]++] = sentence(3 + pick(9))
}

BEGIN {
    seed(17)
    build_words(600)
    files = 60
    for (file = 0; file < files; file++) {
        path[file] = words[pick(12)] "/" words[pick(40)] "-" file ".txt"
        line_count[file] = 10 + skewed(120)
        for (i = 0; i < line_count[file]; i++) lines[file, i] = sentence(3 + pick(9))
    }
    for (commit = 0; commit < commits; commit++) {
        message = sentence(4) "\n\n" sentence(30) "\n"
        print "commit refs/heads/main"
        print "committer A Writer <writer@example.org> " 1700000000 + commit * 3600 " +0000"
        print "data " length(message) "\n" message
        touched = commit ? 1 + pick(5) : files
        for (i = 0; i < touched; i++) {
            file = commit ? pick(files) : i
            if (commit) change(file)
            if (commit && pick(25) == 0) {
                print "D " path[file]
                path[file] = words[pick(12)] "/" words[pick(40)] "-" file ".txt"
            }
            text = blob(file)
            print "M 100644 inline " path[file] "\ndata " length(text) "\n" text
        }
    }
}
