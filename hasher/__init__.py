"""Is it known? Digests of media, known lists, exact search, and the verdict with its evidence.

Here belong decoding (in locked child processes only), digests, list formats and matching. Nothing here can read a URL: places
come sealed and stay sealed. Only `service`, `sandbox` with its `child` and `worker`, `lockdown`, and `sources` do I/O.

In reading order: `kinds`, `views`, `orientation`, `gif`, `decode`, `video` (bytes to what a viewer shows), `pdq`, `digests`;
`seccomp`, `lockdown`, `talk`, `worker`, `child`, `sandbox` (all of that in processes that can do nothing else);
`featureless`, `schemes`, `lists`, `formats`, `exchange`, `sources` (known lists in); `index`, `agreement`, `decide`, `lookup` (from digests to verdicts),
`service`, and `known` (matching by hand).
"""
