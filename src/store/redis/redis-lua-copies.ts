/**
 * The part of the Redis library (Lua) that tells who has some contents, and which words there are. Invariant: it reads
 * only, and looks at so many rows and holders as it is told to at most.
 */
export const luaCopies = `
local function sourceOf(K, pid)
  local is = call('HMGET', K .. ':p:' .. pid, 'i', 'n', 'a', 'o', 'r')
  return { pid, is[1], is[2], is[3], is[4], is[5] or '' }
end

-- sources at most, the number to begin with, holders counted at most, rows looked at and taken at most, then of each
-- content its id, and its size when only that counts. Gives of each its live rows, newest first, each with its live
-- holders, and its live sources in turn.
local function holders(keys, args)
  local K = shardOf(keys)
  local most, from, counted, looked, taken = unpack(args, 1, 5)
  most, from, counted, looked, taken = tonumber(most), tonumber(from), tonumber(counted), tonumber(looked), tonumber(taken)
  local isOnline = presence(K)
  local contents = contentsOf(K)
  local answers = {}
  for at = 6, #args do
    local id, size = args[at]:sub(1, 32), args[at]:sub(33)
    local rows, pids, isKnown = {}, {}, {}
    local function note(pid)
      if not isKnown[pid] then
        isKnown[pid] = true
        pids[#pids + 1] = pid
      end
    end
    contents.newest(id, looked, function(fid)
      local copies = copiesOf(K, fid, isOnline, counted)
      local row = copies > 0 and rowOf(K, fid)
      if row and row:sub(1, 32) == id and (size == '' or row:sub(49, 56) == size) then
        rows[#rows + 1] = { fid, copies, row }
        local some = 0
        local function take(pid)
          note(pid)
          some = some + 1
          return some == most
        end
        liveHolders(K, fid, isOnline, from, take)
        if from > 0 and some < most then
          liveHolders(K, fid, isOnline, 0, function(pid) return pid >= from or take(pid) end)
        end
      end
      return #rows == taken
    end)
    table.sort(pids, function(a, b)
      if (a < from) ~= (b < from) then return b < from end
      return a < b
    end)
    local sources = {}
    for each = 1, math.min(#pids, most) do sources[each] = sourceOf(K, pids[each]) end
    answers[#answers + 1] = { rows, sources }
  end
  return answers
end

-- a beginning, words at most
local function words(keys, args)
  return wordsWith(shardOf(keys), args[1], tonumber(args[2]))
end
`;
