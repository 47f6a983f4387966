-- Removes the record KEYS[1], whoever holds it, and tells who waits for it.
-- ARGV: channel, what to publish there.
if redis.call('DEL', KEYS[1]) == 0 then
  return 0
end
redis.call('PUBLISH', ARGV[1], ARGV[2])
return 1
