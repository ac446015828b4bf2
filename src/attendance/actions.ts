import { attendanceAll, attendanceDay, attendanceDays, attendanceList, attendanceMark } from './head-marks.ts'
import { headChoose, headEnter } from './head-pin.ts'
import { attendanceCheckIn, attendanceDispute, attendanceMine } from './own.ts'
import { attendanceSpot } from './spot.ts'

export const attendanceActions = {
  'heads.enter': headEnter,
  'heads.choose': headChoose,
  'attendance.day': attendanceDay,
  'attendance.days': attendanceDays,
  'attendance.list': attendanceList,
  'attendance.mark': attendanceMark,
  'attendance.all': attendanceAll,
  'attendance.spot': attendanceSpot,
  'attendance.check_in': attendanceCheckIn,
  'attendance.mine': attendanceMine,
  'attendance.dispute': attendanceDispute,
}
