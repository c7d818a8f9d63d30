"""A slow robots.txt reader and matcher, to compare with: it follows RFC 9309 line by line and knows no typos."""


def matches(pattern: str, path: str) -> bool:
    """Whether the pattern matches, by trying every end of every star (RFC 9309, 2.2.3)."""
    anchored = pattern.endswith("$")
    reached = {0}
    for char in pattern.removesuffix("$"):
        if char == "*":
            reached = {end for start in reached for end in range(start, len(path) + 1)}
        else:
            reached = {start + 1 for start in reached if path[start : start + 1] == char}
    return (len(path) in reached) if anchored else bool(reached)


def allowed(rules: list[tuple[str, bool]], path: str) -> bool:
    """The longest match decides, Allow wins a tie, nothing means allowed (2.2.2). `rules` are (pattern, allow)."""
    found = [
        (len(pattern), allow) for pattern, allow in rules if pattern[:1] in "/*" and pattern and matches(pattern, path)
    ]
    return max(found)[1] if found else True


def rules_for(text: str, agent: str) -> list[tuple[str, bool]]:
    """The merged rules for an agent, or for everyone (2.1, 2.2.1)."""
    groups: list[tuple[list[str], list[tuple[str, bool]]]] = []
    in_rules = True
    for line in text.split("\n"):
        key, colon, value = line.partition("#")[0].partition(":")
        key, value = key.strip().lower(), value.strip()
        if not colon or key not in ("user-agent", "allow", "disallow"):
            continue
        if key == "user-agent":
            if in_rules:
                groups.append(([], []))
                in_rules = False
            groups[-1][0].append(value.lower())
        elif groups:
            in_rules = True
            groups[-1][1].append((value, key == "allow"))
        else:
            in_rules = True
    for name in (agent.lower(), "*"):
        if any(name in names for names, _ in groups):
            return [rule for names, rules in groups if name in names for rule in rules]
    return []
