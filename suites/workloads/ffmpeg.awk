# Raw gray video, 96 x 64 pixels: a ball moves over a pattern that scrolls. Every byte is a printable character.
# Usage: awk -f random.awk -f ffmpeg.awk -v frames=N

BEGIN {
    seed(41)
    for (frame = 0; frame < frames; frame++) {
        picture = ""
        for (y = 0; y < 64; y++)
            for (x = 0; x < 96; x++) {
                distance = (x - 28 - frame % 40) ^ 2 + (y - 32) ^ 2
                light = distance < 300 ? 110 - int(distance / 10) + pick(3) : 40 + (x + 2 * y + frame) % 60
                picture = picture sprintf("%c", light)
            }
        printf "%s", picture
    }
}
