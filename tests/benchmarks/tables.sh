#!/bin/sh
# Measure the tables of the benchmark: sh tests/benchmarks/tables.sh INSTANCES RESULTS
#
# INSTANCES is a folder of published sets (optimizer/published/README.md), RESULTS a folder for JSON, pictures
# and text. ENTREPOT_PEERS_PYTHON names an interpreter with highspy and pyscipopt. Two lanes run at a time, one
# thread per solve, so the machine needs two idle cores. The minutes are estimates for such a machine and one seed;
# SEEDS=0,1,2 takes medians of three in three times the time.
set -u
instances=$1
results=$2
mkdir -p "$results"

table() { # NAME, then the options of entrepot bench
    name=$1
    shift
    entrepot bench --instances "$instances" "$@" --threads 1 --seeds "${SEEDS:-0}" --output "$results/$name.json" \
        --profile "$results/$name.png" >"$results/$name.txt" 2>"$results/$name.log"
}

first_lane() {
    # OR-Library, small: all proved, together under 5 s (2 min)
    table orlib --only 'cap4*,cap5*,cap6*,cap7*,cap8*,cap9*,cap1*' --peers highspy --gap 1e-6 --time-limit 30
    # OR-Library, large: at least 10 times faster than the best peer (8 min)
    table orlib_large --only capa_8000,capb_5000,capc_5000,capa_14000 \
        --peers highspy:strong,highspy:aggregated,pyscipopt:strong --gap 1e-6 --time-limit 40
    # Alliance M: 0.1 %, at least 20 times faster (5 min)
    table alliance_m --only generated/alliance-M --peers highspy:strong,pyscipopt:strong --gap 1e-3 --time-limit 120
    # 500 x 500 and 1000 x 1000: 0.5 % in 5 and 20 s, 0.1 % in 60 s (5 min)
    table large --only i500_1,i500_6,i500_16,generated/cornuejols-1000x1000-r5-1 --gap 1e-3 --time-limit 60
}

second_lane() {
    # Single source: geometric mean at least 5 times faster (8 min)
    table single_source --only \
        'holmberg/p9,holmberg/p12,holmberg/p24,holmberg/p30,holmberg/p36,holmberg/p41,holmberg/p56,diaz_fernandez/p6,diaz_fernandez/p17,diaz_fernandez/p25,diaz_fernandez/p30' \
        --peers highspy,pyscipopt --gap 1e-6 --time-limit 30
    # Cornuejols 100 x 100 (4 min)
    table cornuejols --only 'cflp_corn_n100_m100_r5.0_1,cflp_corn_n100_m100_r5.0_2,cflp_corn_n100_m100_r5.0_5,cflp_corn_n100_m100_r5.0_9' \
        --peers highspy:aggregated --gap 1e-4 --time-limit 60
    # TBED1 300 x 300 (5 min)
    table tbed1 --only i300_1,i300_6,i300_9,i300_11,i300_16 --peers highspy:aggregated --gap 1e-4 --time-limit 60
    # All of Holmberg and Diaz-Fernandez, ours alone (4 min)
    table single_source_all --only holmberg,diaz_fernandez --gap 1e-6 --time-limit 30
}

first_lane &
second_lane
wait
cat "$results"/*.txt
