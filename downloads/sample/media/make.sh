#!/usr/bin/env bash
# Draws the sample beside this file: crossing.mp4 (16 s, 1080p, H.264 and AAC) and crossing.jpg.
#
#   downloads/sample/media/make.sh path/to/ffmpeg
#
# Run once, by hand; its files are committed. All of it is made by ffmpeg's own sources (gradients,
# color, drawbox, sine): no foreign material, no font. A ferry crosses a bay at dusk; every movement
# and the sound fit into the length a whole number of times, so that it can be played in a loop.
# What the ladder relies on, clip.py says: length, size, frames a second, a key frame each 2 s.
set -euo pipefail
ffmpeg=${1:?usage: make.sh FFMPEG}
cd "$(dirname "$0")"
width=1920 height=1080 rate=24 length=16

# Colours from the top of the sky to the horizon, and from the horizon down.
sky="gradients=s=${width}x$height:r=$rate:d=$length:type=linear:speed=0.00001:nb_colors=4"
sky+=":c0=0x0b1a33:c1=0x27406b:c2=0xb5677a:c3=0xf7b267:x0=960:y0=0:x1=960:y1=720"
sea="gradients=s=${width}x400:r=$rate:d=$length:type=linear:speed=0.00001:nb_colors=2"
sea+=":c0=0x1c5f7a:c1=0x06202e:x0=960:y0=0:x1=960:y1=400"

# The boat of boxes, x:y:width:height:colour: funnel, two decks, hull; then a row of windows each.
boat="color=black@0:s=620x330:r=$rate:d=$length,format=rgba"
boxes="200:20:80:80:0xe23c54 200:20:80:20:0x0e3e54 170:80:290:52:0xf0ece4 110:132:420:60:0xf0ece4
       20:190:580:40:0xf0ece4 20:222:580:14:0xe23c54 50:230:520:90:0x0e3e54"
for x in 190 240 290 340 390; do boxes+=" $x:98:26:18:0xffd07a"; done
for x in 130 180 230 280 330 380 430 480; do boxes+=" $x:150:28:22:0xffd07a"; done
for box in $boxes; do
    IFS=: read -r x y w h colour <<<"$box"
    boat+=",drawbox=x=$x:y=$y:w=$w:h=$h:color=$colour:t=fill:replace=1"
done

way=$((width + 640)) # out of sight at both ends, in the picture when the clip begins
crossing="mod(t*$way/$length+940,$way)-630"
graph="$sky[sky];$sea[sea];$boat[boat];
    [sky][boat]overlay=x='$crossing':y='424+8*sin(PI*t/4)'[ferry];
    [ferry][sea]overlay=y='690+6*sin(PI*t/4-1)',format=yuv420p[picture];
    sine=f=220:r=48000:d=$length[low];sine=f=330:r=48000:d=$length[high];
    [low][high]join=inputs=2:channel_layout=stereo,
    volume='0.3*(1-cos(2*PI*t/$length))':eval=frame[sound]"

"$ffmpeg" -v error -nostdin -y -filter_complex "$graph" -map '[picture]' -map '[sound]' -t $length \
    -c:v libx264 -preset veryslow -crf 23 -profile:v high -level:v 4.0 \
    -g $((2 * rate)) -sc_threshold 0 -c:a aac -b:a 96k \
    -movflags +faststart -fflags +bitexact -flags +bitexact crossing.mp4
"$ffmpeg" -v error -nostdin -y -ss 2 -i crossing.mp4 -frames:v 1 -vf scale=640:-2 -q:v 4 crossing.jpg
