// SPDX-License-Identifier: GPL-2.0-only
#include "pattern.h"

__u64 pattern_word(__u16 seed, __u64 pos)
{
	return (__u64)seed << 48 | (pos / PATTERN_WORD_SIZE) % (1ULL << 48);
}

bool pattern_check(const struct area *area, __u16 seed, __u64 from, __u64 to,
		   struct pattern_error *error)
{
	__u64 pos;

	for (pos = from; pos < to; pos += PATTERN_WORD_SIZE) {
		__u64 seen = __atomic_load_n((__u64 *)(area->aux + pos % area->aux_size),
					     __ATOMIC_RELAXED);

		if (seen != pattern_word(seed, pos)) {
			error->pos = pos;
			error->expected = pattern_word(seed, pos);
			error->seen = seen;
			return false;
		}
	}

	return true;
}
