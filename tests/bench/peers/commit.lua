-- SPDX-License-Identifier: Apache-2.0
-- The commit of one job by a peer that is not in C: one call instead of a
-- dozen commands, which costs its client the least. Redis counts; Lua never
-- touches an amount.
-- KEYS results, forms, aggregate, events
-- ARGV project, result, form, event, counter, delta, ...
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[3])
for i = 5, #ARGV, 2 do
  redis.call('HINCRBY', KEYS[3], ARGV[i], ARGV[i + 1])
end
redis.call('XADD', KEYS[4], '*', 'b', ARGV[4])
redis.call('INCR', 'peer:done')
return 1
