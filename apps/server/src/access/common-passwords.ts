/** Passwords of twelve characters and more that head the public lists of leaked ones, and Daybook's own name. Compared in lower
 *  case. Shorter ones need no listing: the length rule refuses them. */
const listed = `
123456789012 1234567890123 12345678901234 123456789012345 1234567890123456 012345678901 0123456789012 987654321098 0987654321098
1234567891011 123123123123 111222333444 112233445566 121212121212 131313131313 100200300400 147258369147 159753159753
qwertyuiop12 qwertyuiop123 qwertyuiop1234 qwertyuiop[] qwertyuiopasdf qwertyuiopasdfgh qwertyuiopasdfghjkl qwerty123456 qwerty1234567
qwerty12345678 qwertyqwerty qwertyuiopas 1q2w3e4r5t6y 1q2w3e4r5t6y7u 1q2w3e4r5t6y7u8i q1w2e3r4t5y6 1qaz2wsx3edc 1qaz2wsx3edc4rfv
zaq12wsxcde3 qazwsxedcrfv qazwsxedcrfvtgb asdfghjkl123 asdfghjkl1234 asdfghjklzxc zxcvbnm12345 zxcvbnm123456 zxcvbnmasdfgh
abcdefghijkl abcdefghijklm abcd12345678 abc123456789 a1b2c3d4e5f6 aa1234567890 a12345678901
password1234 password12345 password123456 password1234567 password12345678 passwordpassword password!234 passw0rd1234 passw0rd12345
p@ssw0rd1234 p@ssw0rd12345 p@ssword1234 password@123 password@1234 password2023 password2024 password2025 password2026 mypassword123
changeme1234 changemechangeme changemenow1 changeme12345 letmein12345 letmeinletmein letmeinplease welcome12345 welcome123456
welcome@1234 welcomewelcome administrator administrator1 administrator123 adminadminadmin adminadmin12 admin1234567 admin12345678
admin123456789 adminpassword adminpassword1 admin@123456 rootrootroot rootpassword toortoortoor superuser123 superadmin123
defaultpassword temporary123 temppassword testtesttest test12345678 testpassword guestguestguest demodemodemo secretsecret secretpassword
iloveyou1234 iloveyou12345 iloveyouforever iloveyousomuch trustno1trustno1 correcthorsebatterystaple correct-horse-battery-staple
sunshine1234 princess1234 football1234 baseball1234 superman1234 monkey123456 dragon123456 michael12345 jordan232323 liverpool123
starwars1234 pokemon12345 minecraft123 minecraft1234 whateverwhatever nothing12345 computer1234 internet1234 samsung12345 google123456
daybookdaybook daybook12345 daybook123456 daybookadmin daybookpassword
`;

export const commonPasswords: ReadonlySet<string> = new Set(listed.split(/\s+/).filter(Boolean));
