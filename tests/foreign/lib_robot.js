// A robot on npm vda-5050-lib 1.4.0 (VDA 5050 2.0): its controller and its virtual vehicle, as they come.
//   node lib_robot.js PORT SERIAL PASSWORD MAP X Y NODE
const { AgvController, VirtualAgvAdapter } = require("vda-5050-lib");
const [, , port, serial, password, mapId, x, y, node] = process.argv;
const controller = new AgvController(
  { manufacturer: "siemens", serialNumber: serial },
  {
    interfaceName: "uagv",
    transport: { brokerUrl: `mqtt://127.0.0.1:${port}`, username: `siemens.${serial}`, password },
    vdaVersion: "2.0.0",
  },
  { agvAdapterType: VirtualAgvAdapter, publishStateInterval: 2000 },
  {
    initialPosition: { mapId, x: Number(x), y: Number(y), theta: 0, lastNodeId: node },
    vehicleSpeed: 1.5,
    timeLapse: 1,
  },
);
controller
  .start()
  .then(() => console.log("up", serial))
  .catch((error) => {
    console.error(error);
    process.exit(1);
  });
