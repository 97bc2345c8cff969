#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# docs/tutorial.md does what it says: its blocks are run in their order, and print what is shown below them.
. "$(dirname "$0")/lib.sh"

for tool in jq node; do
    command -v "$tool" > /dev/null || { skip "the tutorial" "$tool is not installed"; done_testing; }
done

start_daemon
# Where ./dev run has its configuration, in a home of its own.
export HOME=$WORK/home PATH=$GOXEL_BUILD/bin:$PATH
mkdir -p "$HOME/.local/state/goxel-daemon" "$WORK/reader"
mv "$CONF" "$HOME/.local/state/goxel-daemon/daemon.conf"
ln -s "$HOME/.local/state/goxel-daemon/daemon.conf" "$CONF"

PAGE=${GOXEL_TUTORIAL:-$TESTS/../docs/tutorial.md}
python3 "$TESTS/integration/tutorial.py" "$PAGE" "$PORT" "$WORK/blocks" > "$WORK/list" || fail "the page can be read"
(cd "$WORK/reader" && bash "$WORK/blocks/all.sh" < /dev/null > "$WORK/blocks/log" 2>&1)
while read -r block line; do
    if [ ! -e "$WORK/blocks/$block.done" ]; then
        fail "the block of line $line ends well" "$(cat "$WORK/blocks/$block.out" "$WORK/blocks/log" 2> /dev/null)"
        break
    fi
    ok "the block of line $line prints what is shown" \
        python3 "$TESTS/integration/tutorial.py" --compare "$WORK/blocks/$block.shown" "$WORK/blocks/$block.out"
done < "$WORK/list"
like "there are some" '^[0-9]{2}$' "$(wc -l < "$WORK/list")"

# ---- the test notices ----
judge() { python3 "$TESTS/integration/tutorial.py" --compare "$WORK/shown" "$WORK/out"; }
printf 'a … c\n' > "$WORK/shown"
printf 'a b c\n' > "$WORK/out"
ok "a placeholder stands for anything" judge
printf 'a b d\n' > "$WORK/out"
is "and what is around it has to be there" 1 "$(judge > /dev/null 2>&1; echo $?)"
printf 'a b c\nd\n' > "$WORK/out"
is "a line more is noticed" 1 "$(judge > /dev/null 2>&1; echo $?)"
printf '```sh\necho one\nfalse\necho two\n```\n\n```text\none\ntwo\n```\n' > "$WORK/page.md"
python3 "$TESTS/integration/tutorial.py" "$WORK/page.md" "$PORT" "$WORK/failing" > /dev/null
(cd "$WORK/reader" && bash "$WORK/failing/all.sh" > /dev/null 2>&1)
is "a command that fails is noticed" "one 1" "$(cat "$WORK/failing/1.out") $([ -e "$WORK/failing/1.done" ]; echo $?)"
stop_daemon
done_testing
